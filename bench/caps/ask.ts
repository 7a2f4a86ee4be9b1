/** How a request of the race ended, as its client sees it. */
export type Outcome =
  | { readonly kind: 'answered'; readonly generationId: string }
  /** A limit was in the way. */
  | { readonly kind: 'refused'; readonly code: string }
  /** The client left in the middle of a stream. */
  | { readonly kind: 'left' }
  /** Something else: the model host failed, the gateway was killed, the database was away. */
  | { readonly kind: 'failed'; readonly reason: string };

export interface Question {
  readonly url: string;
  readonly key: string;
  readonly model: string;
  readonly maxTokens: number;
  readonly isStream: boolean;
  /** After how many pieces of the stream the client leaves; `undefined`: it stays. */
  readonly leavesAfter?: number | undefined;
}

const LIMIT_CODES = new Set([
  'account_suspended',
  'key_monthly_cap_exceeded',
  'tenant_monthly_quota_exceeded',
]);

export async function ask(question: Question): Promise<Outcome> {
  const leaving = new AbortController();
  try {
    return await send(question, leaving);
  } catch (error) {
    return leaving.signal.aborted ? { kind: 'left' } : { kind: 'failed', reason: reasonOf(error) };
  }
}

/** Without the port, so that equal reasons are one. */
const reasonOf = (error: unknown): string =>
  error instanceof Error && error.cause instanceof Error
    ? `${error.message}: ${error.cause.message.replace(/ \d+\.\d+\.\d+\.\d+:\d+$/, '')}`
    : String(error);

async function send(question: Question, leaving: AbortController): Promise<Outcome> {
  const { url, key, model, maxTokens, isStream, leavesAfter } = question;
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    signal: leaving.signal,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      model,
      max_tokens: maxTokens,
      stream: isStream,
      messages: [{ role: 'user', content: 'Go!' }],
    }),
  });
  if (!response.ok) return judge(response.status, await response.text());
  let text = '';
  let pieces = 0;
  const decoder = new TextDecoder();
  for await (const piece of response.body ?? []) {
    text += decoder.decode(piece, { stream: true });
    pieces += 1;
    if (pieces < (leavesAfter ?? Infinity)) continue;
    leaving.abort();
    return { kind: 'left' };
  }
  const generationId = /"generation_id":"(gen_\w+)"/.exec(text)?.[1];
  const isWhole = isStream ? text.endsWith('data: [DONE]\n\n') : text.endsWith('}');
  if (!isWhole || generationId === undefined) return { kind: 'failed', reason: 'it broke off' };
  return { kind: 'answered', generationId };
}

function judge(status: number, body: string): Outcome {
  const { code = '' } = (JSON.parse(body) as { error: { code?: string } }).error;
  return LIMIT_CODES.has(code)
    ? { kind: 'refused', code }
    : { kind: 'failed', reason: `${status} ${code}` };
}
