import type { NanoUsd } from '@sealgate/contract';
import type { Generation } from '../../customers/billing/index.ts';
import type { Cancellation } from '../../platform/cancellation.ts';
import type { Refusal } from '../../platform/refusal.ts';
import type { Visit } from '../cache/index.ts';
import type { Candidate } from './admit.ts';
import { visitCache } from './cacheable.ts';
import { releasing, type HeldAdmission } from './hold.ts';
import { measureUsage } from './measure-usage.ts';
import { appendMember } from './openai-answer.ts';
import { reach, type Reached } from './reach.ts';
import { keep, recall, type Recalled } from './recalled.ts';
import type { ChatServices } from './services.ts';
import { factsOf, NOTHING_USED, settle, type Ending } from './settle.ts';
import type { Errand } from './walk.ts';

/** How a whole (not streamed) request ended for the caller. It is settled by then. */
export type WholeAnswer =
  | ({
      readonly kind: 'answered';
      readonly text: string;
      readonly generation: Generation;
    } & AnswerTerms)
  | { readonly kind: 'refused'; readonly refusal: Refusal; readonly generation: Generation }
  | { readonly kind: 'aborted' };

/** What a caller is told about money and limits. */
export interface AnswerTerms {
  /** Sent to the upstream as its limit, because the caller gave none. */
  readonly appliedMaxOutputTokens: number | undefined;
  /** `undefined`: nothing limits the caller, or this request was free. */
  readonly remainingNano: NanoUsd | undefined;
}

/** Gets a complete answer, settles, and adds the `nexevo` object. */
export async function answerWhole(
  services: ChatServices,
  admission: HeldAdmission,
  cancellation: Cancellation,
): Promise<WholeAnswer> {
  const { bodyText, body } = admission.request;
  return answer(services, admission, {
    cancellation,
    isStream: false,
    listName: 'choices',
    prepare: (provider, { model, bounds }) =>
      provider.chat({
        bodyText,
        body,
        isStream: false,
        model,
        maxOutputTokens: bounds.appliedMaxOutputTokens,
      }),
  });
}

/** The same for `POST /v1/embeddings`. */
export async function answerEmbeddings(
  services: ChatServices,
  admission: HeldAdmission,
  cancellation: Cancellation,
): Promise<WholeAnswer> {
  const { bodyText, body } = admission.request;
  return answer(services, admission, {
    cancellation,
    isStream: false,
    listName: 'data',
    prepare: (provider, { model }) => {
      if (!provider.embeddings) throw new Error(`impossible: ${model.id} has no embeddings`);
      return provider.embeddings({ bodyText, body, model });
    },
  });
}

const answer = (
  services: ChatServices,
  admission: HeldAdmission,
  errand: Errand,
): Promise<WholeAnswer> =>
  releasing(admission, async () => {
    const visit = visitCache(services, admission);
    const recalled = await recall(visit, admission, errand.cancellation);
    if (recalled.kind === 'aborted') return notAnswered(services, admission, recalled);
    if (recalled.kind === 'found') return giveAgain(services, admission, recalled);
    const reached = await reach(services, admission, errand);
    if (reached.kind === 'stream') throw new Error('impossible: no stream was asked for');
    if (reached.kind !== 'answer') return notAnswered(services, admission, reached);
    return handOver(services, admission, { ...reached, visit });
  });

async function giveAgain(
  services: ChatServices,
  admission: HeldAdmission,
  { text, candidate, ending }: Extract<Recalled, { kind: 'found' }>,
): Promise<WholeAnswer> {
  const generation = await settle(services, admission, ending);
  return answered(admission, { text, candidate, generation });
}

const answered = (
  admission: HeldAdmission,
  { text, candidate, generation }: Settled,
): Extract<WholeAnswer, { kind: 'answered' }> => ({
  kind: 'answered',
  text: appendMember(text, 'nexevo', factsOf(generation, admission, candidate)),
  generation,
  appliedMaxOutputTokens: candidate.bounds.appliedMaxOutputTokens,
  remainingNano: admission.hold.remaining(),
});

interface Settled {
  readonly text: string;
  readonly candidate: Candidate;
  readonly generation: Generation;
}

async function handOver(
  services: ChatServices,
  admission: HeldAdmission,
  reached: Extract<Reached, { kind: 'answer' }> & { readonly visit: Visit | undefined },
): Promise<WholeAnswer> {
  const { candidate, modelsTried, visit } = reached;
  const { text, usage, isFree, answeredModel } = reached.answer;
  const measured = await measureUsage(services, admission, {
    candidate,
    reported: usage,
    isEmpty: isFree,
    countOutput: async () =>
      candidate.bounds.tokens.output === 0 ? 0 : services.tokens.count('answer', text),
  });
  const generation = await settle(services, admission, {
    outcome: 'success',
    status: 200,
    modelsTried,
    firstByteAtMs: undefined,
    candidate,
    ...measured,
    isFree,
    answeredModel,
  });
  if (!isFree) keep(visit, admission, { text, candidate, measured });
  return answered(admission, { text, candidate, generation });
}

type NotAnswered = Extract<Reached, { kind: 'refused' } | { kind: 'aborted' }>;

/** Settles a request that no model answered. It costs nothing, unless its caller left while a model was at work. */
export async function notAnswered(
  services: ChatServices,
  admission: HeldAdmission,
  reached: NotAnswered,
): Promise<Exclude<WholeAnswer, { kind: 'answered' }>> {
  const { modelsTried } = reached;
  if (reached.kind === 'aborted') {
    await settle(services, admission, {
      outcome: 'aborted',
      status: CLIENT_CLOSED,
      modelsTried,
      ...(await usedByThen(services, admission, reached.asked)),
    });
    return { kind: 'aborted' };
  }
  const { refusal } = reached;
  const { status } = refusal.row;
  const outcome = status === 504 ? 'timeout' : status >= 500 ? 'failed' : 'refused';
  const ending = { ...NOTHING_USED, modelsTried, outcome, status } as const;
  return { kind: 'refused', refusal, generation: await settle(services, admission, ending) };
}

/** The model has read the request by then, and nothing of its answer is known. */
async function usedByThen(
  services: ChatServices,
  admission: HeldAdmission,
  asked: Candidate | undefined,
): Promise<Omit<Ending, 'outcome' | 'status' | 'modelsTried'>> {
  if (asked === undefined) return NOTHING_USED;
  const measured = await measureUsage(services, admission, {
    candidate: asked,
    reported: undefined,
    isEmpty: true,
    countOutput: async () => 0,
  });
  return { ...NOTHING_USED, candidate: asked, isFree: false, ...measured };
}

/** nginx's status for a caller that left before the answer. */
export const CLIENT_CLOSED = 499;
