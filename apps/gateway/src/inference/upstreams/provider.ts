import type { Secret } from '../../platform/secret.ts';
import type { Model, Upstream, UpstreamKey } from './model.ts';

/** What the gateway sends to an upstream. */
export interface UpstreamRequest {
  /** `POST` when absent. */
  readonly method?: 'GET' | 'POST' | undefined;
  /** Below the upstream's `baseUrl`, with a leading slash. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer | string | undefined;
}

export interface ChatCall {
  /** The caller's body, already without Sealgate's own fields, as JSON text; `model` is still the caller's. */
  readonly bodyText: string;
  /** The same, parsed. Not to be changed. */
  readonly body: Readonly<Record<string, unknown>>;
  readonly isStream: boolean;
  readonly model: Model;
  /** The limit to send along because the caller gave none; `undefined`: the caller did, or there is none to send. */
  readonly maxOutputTokens: number | undefined;
}

/**
 * Turns one upstream dialect into OpenAI's and back. Pure functions; no network.
 * `openai` leaves the answers' bytes alone, so both translators are `undefined` there.
 */
export interface Provider {
  chat(call: ChatCall): UpstreamRequest;
  embeddings?(call: Omit<ChatCall, 'isStream' | 'maxOutputTokens'>): UpstreamRequest;
  /** The headers in which a key is sent. The requests that the others make have none. */
  keyHeaders(key: Secret): Readonly<Record<string, string>>;
  /** Asks which models the upstream has (OpenAI's list shape, also at Anthropic). */
  models(upstream: Upstream): UpstreamRequest;
  /** Whole JSON answer (status 200) in the upstream's dialect → OpenAI's `chat.completion` as JSON text. */
  readonly translateAnswer?: ((text: string, model: Model) => string) | undefined;
  /** Makes a translator for one stream: upstream bytes in, OpenAI SSE bytes out. */
  readonly openStream?: ((model: Model) => StreamTranslator) | undefined;
  /** The sentence in an upstream's error body that is safe and useful to show (never keys or hosts). */
  errorMessage(body: string): string | undefined;
}

export interface StreamTranslator {
  /** May return an empty buffer. Throws `Error` on bytes that are not the dialect. */
  push(chunk: Buffer): Buffer;
  /** The upstream closed: what is still to be said (e.g. `data: [DONE]`). */
  end(): Buffer;
}

/** The same sentence without the key: some hosts quote what they were sent, in whatever form keys of theirs have. */
export function errorMessageWithout(
  key: UpstreamKey | undefined,
  provider: Pick<Provider, 'errorMessage'>,
  body: string,
): string | undefined {
  const hide = (text: string): string =>
    key === undefined ? text : text.replaceAll(key.secret.reveal(), '[…]');
  // Before it is cut, so that no part is left over, and after escapes are undone.
  const message = provider.errorMessage(hide(body));
  return message === undefined ? undefined : hide(message);
}

type Headers = UpstreamRequest['headers'];

/** The last headers made for each key: they are the same for every request to an upstream. */
const lastHeaders = new WeakMap<UpstreamKey, { readonly from: Headers; readonly to: Headers }>();

/** Adds the key to a request. What the operator wrote among the upstream's headers wins. */
export function withKey(
  request: UpstreamRequest,
  provider: Pick<Provider, 'keyHeaders'>,
  key: UpstreamKey | undefined,
): UpstreamRequest {
  if (key === undefined) return request;
  const { path, method, body, headers: from } = request;
  const last = lastHeaders.get(key);
  if (last?.from === from) return { path, method, body, headers: last.to };
  const to = { ...provider.keyHeaders(key.secret), ...from };
  lastHeaders.set(key, { from, to });
  return { path, method, body, headers: to };
}
