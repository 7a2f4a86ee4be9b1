import { Refusal } from '../../platform/refusal.ts';
import type { Attempt, OpenStream } from './attempt.ts';
import type { Answer } from './openai-answer.ts';

/** Why a model did not answer. Facts for the log; callers see the refusal that `refusalFor` makes of it. */
export interface Trouble {
  readonly kind: 'status' | 'timeout' | 'unreachable' | 'garbage' | 'rate-limited' | 'context';
  readonly status?: number | undefined;
  readonly retryAfterSeconds?: number | undefined;
  readonly message?: string | undefined;
}

export type Verdict =
  | { readonly kind: 'answer'; readonly answer: Answer }
  | { readonly kind: 'stream'; readonly stream: OpenStream }
  /** Ask the same model once more. */
  | { readonly kind: 'retry'; readonly trouble: Trouble }
  /** Another model may do better. */
  | { readonly kind: 'next'; readonly trouble: Trouble; readonly isFailure: boolean }
  /** The request itself is at fault: no model will take it. */
  | { readonly kind: 'refuse'; readonly refusal: Refusal };

export interface Judgement {
  readonly readAnswer: (body: Buffer) => Answer | undefined;
  readonly errorMessage: (body: string) => string | undefined;
  /** Is there a choice of models, so that a too long prompt may fit another? */
  readonly isPool: boolean;
}

const CALLERS_FAULT = new Set([400, 413, 415, 422]);
const CONTEXT_LENGTH =
  /context_length|context length|maximum context|too many tokens|prompt is too long/i;

export function judge(outcome: Exclude<Attempt, { kind: 'aborted' }>, by: Judgement): Verdict {
  if (outcome.kind === 'streaming') return { kind: 'stream', stream: outcome.stream };
  if (outcome.kind === 'failed') return judgeFailure(outcome.failure.kind);
  const { status, body } = outcome;
  if (status === 200) {
    const answer = by.readAnswer(body);
    return answer
      ? { kind: 'answer', answer }
      : { kind: 'retry', trouble: { kind: 'garbage', status } };
  }
  if (CALLERS_FAULT.has(status)) return judgeCallersFault(status, body.toString('utf8'), by);
  if (status === 429) {
    const retryAfterSeconds = readRetryAfter(outcome.headers['retry-after']);
    return {
      kind: 'next',
      trouble: { kind: 'rate-limited', status, retryAfterSeconds },
      isFailure: false,
    };
  }
  const trouble: Trouble = { kind: 'status', status };
  return status >= 500 || status === 408
    ? { kind: 'retry', trouble }
    : { kind: 'next', trouble, isFailure: true };
}

function judgeFailure(kind: (Attempt & { kind: 'failed' })['failure']['kind']): Verdict {
  switch (kind) {
    case 'connect':
    case 'broken':
      return { kind: 'retry', trouble: { kind: 'unreachable' } };
    case 'timeout':
      return { kind: 'next', trouble: { kind: 'timeout' }, isFailure: true };
    case 'blocked-address':
      return { kind: 'next', trouble: { kind: 'unreachable' }, isFailure: true };
    case 'too-large':
      return { kind: 'next', trouble: { kind: 'garbage' }, isFailure: true };
  }
}

function judgeCallersFault(status: number, body: string, by: Judgement): Verdict {
  const message = by.errorMessage(body);
  const isContext = CONTEXT_LENGTH.test(body);
  if (isContext && by.isPool) {
    return { kind: 'next', trouble: { kind: 'context', status, message }, isFailure: false };
  }
  return { kind: 'refuse', refusal: callersFault(message) };
}

const callersFault = (message: string | undefined): Refusal =>
  new Refusal('invalid_request_error', {
    message: message ?? 'The model provider refused the request as invalid.',
  });

/** What the caller is told when no model answered; `undefined`: none could be asked. */
export function refusalFor(trouble: Trouble | undefined): Refusal {
  switch (trouble?.kind) {
    case undefined:
      return new Refusal('no_upstream_available', { retryAfterSeconds: 5 });
    case 'context':
      return callersFault(trouble.message);
    case 'timeout':
      return new Refusal('upstream_timeout');
    case 'rate-limited':
      return new Refusal('rate_limit_exceeded', {
        message: 'The model provider is limiting requests. Wait, then try again.',
        retryAfterSeconds: trouble.retryAfterSeconds ?? 5,
        facts: { limit_source: 'upstream' },
      });
    case 'status':
    case 'unreachable':
    case 'garbage':
      return new Refusal('upstream_error', { internal: { trouble } });
  }
}

function readRetryAfter(value: string | string[] | undefined): number | undefined {
  const seconds = typeof value === 'string' && /^\d{1,5}$/.test(value) ? Number(value) : undefined;
  return seconds === undefined ? undefined : Math.max(1, seconds);
}
