import type { Cancellation } from '../../platform/cancellation.ts';
import type { KeptAnswer, Recollection, Visit } from '../cache/index.ts';
import type { Candidate } from './admit.ts';
import type { HeldAdmission } from './hold.ts';
import { isKeepable } from './keepable.ts';
import type { MeasuredUsage } from './measure-usage.ts';
import type { Ending } from './settle.ts';

/** What a look into the cache has come to. */
export type Recalled =
  | {
      readonly kind: 'found';
      readonly text: string;
      readonly candidate: Candidate;
      /** It is charged as what it was generated from, and no model was asked. */
      readonly ending: Ending & { readonly candidate: Candidate };
    }
  /** A model is to be asked. */
  | { readonly kind: 'nothing' }
  /** The caller left meanwhile. */
  | {
      readonly kind: 'aborted';
      readonly modelsTried: readonly string[];
      readonly asked: undefined;
    };

const NOTHING: Recalled = { kind: 'nothing' };

/** Keys without a cache come back from here at once. */
export async function recall(
  visit: Visit | undefined,
  { candidates }: HeldAdmission,
  cancellation: Cancellation,
): Promise<Recalled> {
  if (visit === undefined) return NOTHING;
  const recollection = await visit.recall();
  if (cancellation.isCancelled) return { kind: 'aborted', modelsTried: [], asked: undefined };
  const candidate = candidates.find(({ model }) => model.id === recollection?.answer.modelId);
  if (recollection === undefined || candidate === undefined) return NOTHING;
  return found(recollection, candidate);
}

function found({ kind, answer }: Recollection, candidate: Candidate): Recalled {
  const { text, usage, usageSource } = answer;
  return {
    kind: 'found',
    text,
    candidate,
    ending: {
      outcome: 'success',
      status: 200,
      modelsTried: [],
      firstByteAtMs: undefined,
      candidate,
      usage,
      usageSource,
      isFree: false,
      cache: kind,
      answeredModel: undefined,
    },
  };
}

/** Leaves a whole answer for the next who asks. */
export function keep(
  visit: Visit | undefined,
  { route }: HeldAdmission,
  { text, candidate, measured }: Answered,
): void {
  if (visit === undefined || route === 'sealed-chat') return;
  const answer: KeptAnswer = { modelId: candidate.model.id, text, ...measured };
  if (isKeepable(route, answer)) visit.keep(answer);
}

interface Answered {
  readonly text: string;
  readonly candidate: Candidate;
  readonly measured: MeasuredUsage;
}
