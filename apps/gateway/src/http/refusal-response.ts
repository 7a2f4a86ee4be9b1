import { Refusal } from '../platform/refusal.ts';

export interface RefusalResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * The only place that prints an error: OpenAI's envelope, and `detail` beside it for the published secure clients.
 * Whatever is not a `Refusal` becomes `internal`; its facts go to the log, never into the answer.
 */
export function refusalResponse(thrown: unknown): RefusalResponse {
  const refusal = refusalOf(thrown);
  const { status, type } = refusal.row;
  const {
    param,
    retryAfterSeconds,
    facts,
    isRetryUseful = refusal.row.isRetryUseful,
  } = refusal.details;
  const { message, code } = refusal;
  return {
    status,
    headers: {
      'content-type': 'application/json',
      ...(retryAfterSeconds !== undefined && { 'retry-after': String(retryAfterSeconds) }),
      ...(!isRetryUseful && { 'x-should-retry': 'false' }),
    },
    body: JSON.stringify({
      error: { message, type, param: param ?? null, code, ...facts },
      detail: message,
    }),
  };
}

export const refusalOf = (thrown: unknown): Refusal =>
  thrown instanceof Refusal ? thrown : new Refusal('internal', { cause: thrown });
