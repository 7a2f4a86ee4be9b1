import type { Cancellation } from '../../platform/cancellation.ts';
import { Refusal } from '../../platform/refusal.ts';
import {
  errorMessageWithout,
  limitIn,
  withKey,
  type Pass,
  type UpstreamRequest,
} from '../upstreams/index.ts';
import type { Candidate } from './admit.ts';
import { attempt, type Attempt } from './attempt.ts';
import { judge, type Verdict } from './judge.ts';
import { readAnswer } from './openai-answer.ts';
import type { Walk } from './walk.ts';

export type Outcome = Verdict | { readonly kind: 'aborted' };

/** Where an attempt goes, and until when it is wanted. */
export interface Try {
  readonly candidate: Candidate;
  readonly pass: Pass;
  /** The request's own, or that of one of two attempts beside each other. */
  readonly cancellation: Cancellation;
}

type Answered = Exclude<Attempt, { kind: 'aborted' }>;

/** Sends the request to one model, judges what comes back, and tells the health of the model. Never rejects for hostile answers. */
export async function tryOnce(walk: Walk, one: Try): Promise<Outcome> {
  const { services, errand } = walk;
  const { candidate, pass, cancellation } = one;
  const { upstream } = candidate.model;
  walk.note(candidate);
  const prepared = prepare(walk, one);
  if (prepared instanceof Refusal) {
    pass.end('abandoned');
    return { kind: 'refuse', refusal: prepared };
  }
  const mostMs = Math.max(1, walk.remainingMs);
  const { isStream } = errand;
  const outcome = await attempt(services.transport, upstream, prepared, {
    isStream,
    cancellation,
    mostMs,
  });
  services.metrics.upstreamAttempt(upstream.id, outcomeLabel(outcome));
  if (outcome.kind === 'aborted') {
    pass.end(errand.cancellation.isCancelled ? 'abandoned' : 'outrun');
    return outcome;
  }
  const limitMs = outcome.kind === 'failed' ? undefined : limitIn(outcome, services.clock());
  const verdict = verdictOn(walk, one, { outcome, hasLimit: limitMs !== undefined });
  if (limitMs !== undefined) pass.restsFor(limitMs, limitReason(verdict));
  const wasCutShort = mostMs < upstream.timeouts.totalMs / 2 && isTotalTimeout(outcome);
  if (wasCutShort) pass.end('abandoned');
  else noteVerdict(walk, pass, verdict);
  return verdict;
}

/** A refusal: the model's dialect has no words for this request. */
function prepare({ services, errand }: Walk, { candidate, pass }: Try): UpstreamRequest | Refusal {
  const provider = services.providers[candidate.model.upstream.kind];
  try {
    return withKey(errand.prepare(provider, candidate), provider, pass.key);
  } catch (error) {
    if (error instanceof Refusal) return error;
    pass.end('abandoned');
    throw error;
  }
}

function verdictOn(
  { services, errand }: Walk,
  { candidate: { model, intent }, pass }: Try,
  { outcome, hasLimit }: { readonly outcome: Answered; readonly hasLimit: boolean },
): Verdict {
  const provider = services.providers[model.upstream.kind];
  return judge(outcome, {
    readAnswer: (body) =>
      // Whoever asked for a stream cannot use anything else.
      errand.isStream ? undefined : readAnswer(body, provider, model, errand.listName),
    errorMessage: (body) => errorMessageWithout(pass.key, provider, body),
    hasLimit,
    isPool: intent.kind === 'tier',
  });
}

const limitReason = (verdict: Verdict): 'rate-limited' | 'busy' =>
  verdict.kind === 'next' && verdict.trouble.kind === 'busy' ? 'busy' : 'rate-limited';

function noteVerdict({ services }: Walk, pass: Pass, verdict: Verdict): void {
  switch (verdict.kind) {
    case 'answer':
      return pass.end('success');
    case 'stream':
      return pass.begun();
    case 'refuse':
      return pass.end('no-evidence');
    case 'other-key': {
      const { rejected, trouble } = verdict;
      const forMs = services.health.settings.rejectedKeyMs;
      const isReplaced =
        rejected === undefined ||
        pass.keyRejected(rejected, { status: trouble.status ?? 0, forMs });
      return pass.end(isReplaced ? verdict.evidence : `${rejected}-failure`);
    }
    case 'retry':
    case 'next':
      return pass.end(verdict.evidence);
  }
}

/** The request's time was up, which others had used: this model had little chance. */
const isTotalTimeout = (outcome: Answered): boolean =>
  outcome.kind === 'failed' &&
  outcome.failure.kind === 'timeout' &&
  outcome.failure.phase === 'total';

function outcomeLabel(
  outcome: Attempt,
): 'success' | 'client_error' | 'server_error' | 'failed' | 'aborted' {
  if (outcome.kind === 'aborted' || outcome.kind === 'failed') return outcome.kind;
  if (outcome.kind === 'streaming' || outcome.status < 300) return 'success';
  return outcome.status < 500 ? 'client_error' : 'server_error';
}
