import { NO_TOKENS, type Generation } from '../../customers/billing/index.ts';
import type { Cancellation } from '../../platform/cancellation.ts';
import { Refusal } from '../../platform/refusal.ts';
import type { PassEnding } from '../upstreams/index.ts';
import type { Candidate } from './admit.ts';
import { CLIENT_CLOSED, notAnswered, type AnswerTerms } from './answer.ts';
import { visitCache } from './cacheable.ts';
import { releasing, type HeldAdmission } from './hold.ts';
import { countDelivered, measureUsage } from './measure-usage.ts';
import { reach, type Reached } from './reach.ts';
import { recall, type Recalled } from './recalled.ts';
import { recordStream, type KeepStream } from './record-stream.ts';
import { relay, type RelayEnding, type StreamClient } from './relay.ts';
import { streamOf } from './replay.ts';
import type { ChatServices } from './services.ts';
import { factsOf, settle, type Ending } from './settle.ts';
import { StreamFrames } from './stream-frames.ts';

/** Known as soon as the upstream has begun to answer: what the response headers say. */
export interface StreamHead extends AnswerTerms {
  readonly generationId: string;
  readonly modelUsed: string;
  readonly modelsTried: readonly string[];
}

export interface StreamOutlet extends StreamClient {
  /** The stream begins: status and headers can go out. */
  begin(head: StreamHead): void;
  /** The last bytes: the caller's connection can be ended after them. */
  end(chunk: Buffer): void;
}

/** How a streamed request ended. When it was not `refused`, the outlet has got everything there is. */
export type StreamedAnswer =
  | { readonly kind: 'streamed'; readonly generation: Generation }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  | { readonly kind: 'aborted' };

/** Streams an answer through; settled once, before the last byte, however it ends. */
export function answerStream(
  services: ChatServices,
  admission: HeldAdmission,
  options: { readonly outlet: StreamOutlet; readonly cancellation: Cancellation },
): Promise<StreamedAnswer> {
  const { outlet, cancellation } = options;
  const { bodyText, body } = admission.request;
  return releasing(admission, async () => {
    const visit = visitCache(services, admission);
    const recalled = await recall(visit, admission, cancellation);
    if (recalled.kind === 'aborted') return notAnswered(services, admission, recalled);
    if (recalled.kind === 'found') return giveAgain(services, admission, { recalled, outlet });
    const reached = await reach(services, admission, {
      cancellation,
      isStream: true,
      listName: 'choices',
      prepare: (provider, { model, bounds }) =>
        provider.chat({
          bodyText,
          body,
          isStream: true,
          model,
          maxOutputTokens: bounds.appliedMaxOutputTokens,
        }),
    });
    if (reached.kind === 'answer') throw new Error('impossible: a stream was asked for');
    if (reached.kind !== 'stream') return notAnswered(services, admission, reached);
    return recordStream(services, { visit, outlet }, (recorded) =>
      passOn(services, admission, { reached, cancellation, ...recorded }),
    );
  });
}

interface Replay {
  readonly recalled: Extract<Recalled, { kind: 'found' }>;
  readonly outlet: StreamOutlet;
}

/** A kept answer, as the stream that it might have been. */
async function giveAgain(
  services: ChatServices,
  admission: HeldAdmission,
  { recalled: { text, candidate, ending }, outlet }: Replay,
): Promise<StreamedAnswer> {
  const firstByteAtMs = services.clock();
  const frames = new StreamFrames(admission.request.isUsageWanted);
  outlet.begin(headOf(admission, candidate, ending.modelsTried));
  outlet.write(frames.push(streamOf(text)));
  const generation = await settle(services, admission, { ...ending, firstByteAtMs });
  outlet.end(frames.close(factsOf(generation, admission, candidate)));
  return { kind: 'streamed', generation };
}

const headOf = (
  { generationId, hold }: HeldAdmission,
  { model, bounds }: Candidate,
  modelsTried: readonly string[],
): StreamHead => ({
  generationId,
  modelUsed: model.id,
  modelsTried,
  appliedMaxOutputTokens: bounds.appliedMaxOutputTokens,
  remainingNano: hold.remaining(),
});

interface Passage {
  readonly reached: Reached & { readonly kind: 'stream' };
  readonly outlet: StreamOutlet;
  /** Takes a complete answer for the next who asks. */
  readonly keep: KeepStream;
  readonly cancellation: Cancellation;
}

async function passOn(
  services: ChatServices,
  admission: HeldAdmission,
  passage: Passage,
): Promise<StreamedAnswer> {
  const { reached, outlet, cancellation, keep } = passage;
  const { candidate, modelsTried, stream, pass } = reached;
  const provider = services.providers[candidate.model.upstream.kind];
  const frames = new StreamFrames(admission.request.isUsageWanted);
  const firstByteAtMs = services.clock();
  outlet.begin(headOf(admission, candidate, modelsTried));
  const ending = await relay(stream, outlet, {
    frames,
    translator: provider.openStream?.(candidate.model),
    cancellation,
  });
  pass.end(PASS_ENDINGS[ending.kind]);
  const account = await accountOf(services, admission, { ending, frames, candidate });
  const generation = await settle(services, admission, {
    ...account,
    candidate,
    modelsTried,
    firstByteAtMs,
    answeredModel: frames.answeredModel,
  });
  if (ending.kind === 'aborted') return { kind: 'aborted' };
  outlet.end(
    ending.kind === 'complete'
      ? frames.close(factsOf(generation, admission, candidate))
      : brokenFrame(ending),
  );
  if (ending.kind === 'complete' && !account.isFree) keep(candidate, account);
  return { kind: 'streamed', generation };
}

interface RelayedStream {
  readonly ending: RelayEnding;
  readonly frames: StreamFrames;
  readonly candidate: Candidate;
}

/** Broken answers cost nothing. One that the caller left is charged for what was generated by then. */
async function accountOf(
  services: ChatServices,
  admission: HeldAdmission,
  { ending, frames, candidate }: RelayedStream,
): Promise<Pick<Ending, 'outcome' | 'status' | 'usage' | 'usageSource' | 'isFree'>> {
  const outcome = OUTCOMES[ending.kind];
  const status = ending.kind === 'aborted' ? CLIENT_CLOSED : 200;
  const isCharged = ending.kind === 'complete' || ending.kind === 'aborted';
  if (!isCharged) return { outcome, status, usage: NO_TOKENS, usageSource: 'none', isFree: true };
  const measured = await measureUsage(services, admission, {
    candidate,
    reported: frames.usage,
    isEmpty: frames.delivered.isEmpty,
    countOutput: () => countDelivered(services, frames.delivered),
  });
  return { outcome, status, ...measured, isFree: ending.kind === 'complete' && frames.isFree };
}

const OUTCOMES = {
  complete: 'success',
  aborted: 'aborted',
  error: 'failed',
  cut: 'failed',
  failed: 'failed',
} as const satisfies Record<RelayEnding['kind'], Generation['outcome']>;

const PASS_ENDINGS = {
  complete: 'success',
  aborted: 'abandoned',
  error: 'model-failure',
  cut: 'model-failure',
  failed: 'model-failure',
} as const satisfies Record<RelayEnding['kind'], PassEnding>;

/** After the first byte the status is gone: an error frame, then the end, and no `[DONE]`. */
function brokenFrame(ending: RelayEnding): Buffer {
  const isTimeout = ending.kind === 'failed' && ending.failure.kind === 'timeout';
  const refusal = new Refusal(isTimeout ? 'upstream_timeout' : 'upstream_error');
  const { type, message } = refusal.row;
  const error = { message, type, param: null, code: refusal.code };
  return Buffer.from(`data: ${JSON.stringify({ error })}\n\n`);
}
