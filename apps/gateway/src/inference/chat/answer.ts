import type { Generation } from '../../customers/billing/index.ts';
import type { Cancellation } from '../../platform/cancellation.ts';
import type { Refusal } from '../../platform/refusal.ts';
import type { Admission } from './admit.ts';
import { appendMember } from './openai-answer.ts';
import { reach, type Reached } from './reach.ts';
import type { ChatServices } from './services.ts';
import { factsOf, settle, type Ending } from './settle.ts';
import { estimateUsage, NO_USAGE } from './usage.ts';
import type { Errand } from './walk.ts';

/** How a whole (not streamed) request ended for the caller. It is settled by then. */
export type WholeAnswer =
  | { readonly kind: 'answered'; readonly text: string; readonly generation: Generation }
  | { readonly kind: 'refused'; readonly refusal: Refusal; readonly generation: Generation }
  | { readonly kind: 'aborted' };

/** Gets a complete answer, settles, and adds the `nexevo` object. */
export async function answerWhole(
  services: ChatServices,
  admission: Admission,
  cancellation: Cancellation,
): Promise<WholeAnswer> {
  const { bodyText, body } = admission.request;
  return answer(services, admission, {
    cancellation,
    isStream: false,
    listName: 'choices',
    prepare: (provider, model) => provider.chat({ bodyText, body, isStream: false, model }),
  });
}

/** The same for `POST /v1/embeddings`. */
export async function answerEmbeddings(
  services: ChatServices,
  admission: Admission,
  cancellation: Cancellation,
): Promise<WholeAnswer> {
  const { bodyText, body } = admission.request;
  return answer(services, admission, {
    cancellation,
    isStream: false,
    listName: 'data',
    prepare: (provider, model) => {
      if (!provider.embeddings) throw new Error(`impossible: ${model.id} has no embeddings`);
      return provider.embeddings({ bodyText, body, model });
    },
  });
}

async function answer(
  services: ChatServices,
  admission: Admission,
  errand: Errand,
): Promise<WholeAnswer> {
  const reached = await reach(services, admission, errand);
  if (reached.kind === 'stream') throw new Error('impossible: no stream was asked for');
  if (reached.kind !== 'answer') return notAnswered(services, admission, reached);
  const { candidate, modelsTried } = reached;
  const { text, usage } = reached.answer;
  const generation = await settle(services, admission, {
    outcome: 'success',
    status: 200,
    candidate,
    modelsTried,
    usage: usage ?? estimateUsage(admission.request.bodyText.length, text.length),
    usageSource: usage ? 'upstream' : 'estimated',
    firstByteAtMs: undefined,
  });
  const facts = factsOf(generation, candidate);
  return { kind: 'answered', text: appendMember(text, 'nexevo', facts), generation };
}

/** Settles a request that no model answered. It costs nothing. */
export async function notAnswered(
  services: ChatServices,
  admission: Admission,
  reached: Extract<Reached, { kind: 'refused' } | { kind: 'aborted' }>,
): Promise<Exclude<WholeAnswer, { kind: 'answered' }>> {
  const nothing: Omit<Ending, 'outcome' | 'status'> = {
    candidate: undefined,
    modelsTried: reached.modelsTried,
    usage: NO_USAGE,
    usageSource: 'none',
    firstByteAtMs: undefined,
  };
  if (reached.kind === 'aborted') {
    await settle(services, admission, { ...nothing, outcome: 'aborted', status: CLIENT_CLOSED });
    return { kind: 'aborted' };
  }
  const { refusal } = reached;
  const { status } = refusal.row;
  const outcome = status === 504 ? 'timeout' : status >= 500 ? 'failed' : 'refused';
  const generation = await settle(services, admission, { ...nothing, outcome, status });
  return { kind: 'refused', refusal, generation };
}

/** nginx's status for a caller that left before the answer. */
export const CLIENT_CLOSED = 499;
