import { Refusal } from '../../platform/refusal.ts';
import type { PassEnding } from '../upstreams/index.ts';
import type { Attempt, AttemptFailure, OpenStream } from './attempt.ts';
import type { Answer } from './openai-answer.ts';

/** Why a model did not answer. Facts for the log; callers see the refusal that `refusalFor` makes of it. */
export interface Trouble {
  readonly kind:
    | 'status'
    | 'timeout'
    | 'unreachable'
    | 'garbage'
    | 'rate-limited'
    /** It fails, and has said when to come back. */
    | 'busy'
    | 'context';
  readonly status?: number | undefined;
  readonly message?: string | undefined;
}

/** What the trouble says about the upstream and the model. */
type Evidence = Extract<PassEnding, 'upstream-failure' | 'model-failure' | 'no-evidence'>;

export type Verdict =
  | { readonly kind: 'answer'; readonly answer: Answer }
  | { readonly kind: 'stream'; readonly stream: OpenStream }
  /** Ask the same model once more. */
  | { readonly kind: 'retry'; readonly trouble: Trouble; readonly evidence: Evidence }
  /** Ask the same model with another key, if there is one. `rejected`: what the key is not good for. */
  | {
      readonly kind: 'other-key';
      readonly trouble: Trouble;
      readonly evidence: Evidence;
      readonly rejected: 'upstream' | 'model' | undefined;
    }
  /** Another model may do better. */
  | { readonly kind: 'next'; readonly trouble: Trouble; readonly evidence: Evidence }
  /** The request itself is at fault: no model will take it. */
  | { readonly kind: 'refuse'; readonly refusal: Refusal };

export interface Judgement {
  readonly readAnswer: (body: Buffer) => Answer | undefined;
  readonly errorMessage: (body: string) => string | undefined;
  /** Has the upstream said for how long it does not want to be asked? */
  readonly hasLimit: boolean;
  /** Is there a choice of models, so that a too long prompt may fit another? */
  readonly isPool: boolean;
}

const CALLERS_FAULT = new Set([400, 413, 415, 422]);
/**
 * 401: a wrong key. 402: its account is empty. 403 is said of a key that may not use this model, too, so it closes no more
 * than that.
 */
const REJECTED_KEY: Readonly<Record<number, 'upstream' | 'model'>> = {
  401: 'upstream',
  402: 'upstream',
  403: 'model',
};
const CONTEXT_LENGTH =
  /context_length|context length|maximum context|too many tokens|prompt is too long/i;

export function judge(outcome: Exclude<Attempt, { kind: 'aborted' }>, by: Judgement): Verdict {
  if (outcome.kind === 'streaming') return { kind: 'stream', stream: outcome.stream };
  if (outcome.kind === 'failed') return judgeFailure(outcome.failure, outcome.hasHead);
  const { status, body } = outcome;
  if (status === 200) {
    const answer = by.readAnswer(body);
    const trouble: Trouble = { kind: 'garbage', status };
    return answer
      ? { kind: 'answer', answer }
      : { kind: 'retry', trouble, evidence: 'model-failure' };
  }
  return CALLERS_FAULT.has(status)
    ? judgeCallersFault(status, body.toString('utf8'), by)
    : judgeStatus(status, by);
}

function judgeStatus(status: number, { hasLimit }: Judgement): Verdict {
  const evidence = 'no-evidence';
  if (status === 429) {
    const trouble: Trouble = { kind: 'rate-limited', status };
    return { kind: 'other-key', trouble, evidence, rejected: undefined };
  }
  const isBusy = status >= 500 && hasLimit;
  const trouble: Trouble = { kind: isBusy ? 'busy' : 'status', status };
  const rejected = REJECTED_KEY[status];
  if (rejected) return { kind: 'other-key', trouble, evidence, rejected };
  // A host that says when to come back does not want to be asked before.
  const isPassing = status === 408 || (status >= 500 && !isBusy);
  return { kind: isPassing ? 'retry' : 'next', trouble, evidence: 'model-failure' };
}

function judgeFailure(failure: AttemptFailure, hasHead: boolean): Verdict {
  // Whoever has begun to answer can be reached.
  const evidence = hasHead ? 'model-failure' : 'upstream-failure';
  switch (failure.kind) {
    case 'connect':
    case 'broken':
      return { kind: 'retry', trouble: { kind: 'unreachable' }, evidence };
    case 'blocked-address':
      return { kind: 'next', trouble: { kind: 'unreachable' }, evidence };
    case 'no-stream':
      return { kind: 'retry', trouble: { kind: 'garbage' }, evidence };
    case 'too-large':
      return { kind: 'next', trouble: { kind: 'garbage' }, evidence };
    case 'timeout':
      return {
        kind: 'next',
        trouble: { kind: 'timeout' },
        evidence: failure.phase === 'connect' ? 'upstream-failure' : 'model-failure',
      };
  }
}

function judgeCallersFault(status: number, body: string, by: Judgement): Verdict {
  const message = by.errorMessage(body);
  const isContext = CONTEXT_LENGTH.test(body);
  if (isContext && by.isPool) {
    const trouble: Trouble = { kind: 'context', status, message };
    return { kind: 'next', trouble, evidence: 'no-evidence' };
  }
  return { kind: 'refuse', refusal: callersFault(message) };
}

export const callersFault = (message: string | undefined): Refusal =>
  new Refusal('invalid_request_error', {
    message: message ?? 'The model provider refused the request as invalid.',
  });
