import { editMembers, type MemberEdit } from '../json-members.ts';
import type { Upstream } from '../model.ts';
import type { ChatCall, Provider, UpstreamRequest } from '../provider.ts';
import { errorMessageIn } from './error-message.ts';

/** Upstreams that speak OpenAI's own dialect: bytes go through both ways, only what must change is changed. */
export const openai: Provider = {
  chat(call: ChatCall): UpstreamRequest {
    const edits: Record<string, MemberEdit> = { model: JSON.stringify(call.model.upstreamModel) };
    if (call.isStream) edits['stream_options'] = withUsage;
    if (call.maxOutputTokens !== undefined) {
      edits[call.model.upstream.outputLimitField] = String(call.maxOutputTokens);
    }
    return {
      path: '/chat/completions',
      headers: headersFor(call.model.upstream),
      body: editMembers(call.bodyText, edits),
    };
  },
  embeddings({ bodyText, model }): UpstreamRequest {
    return {
      path: '/embeddings',
      headers: headersFor(model.upstream),
      body: editMembers(bodyText, { model: JSON.stringify(model.upstreamModel) }),
    };
  },
  models: (upstream) => ({ method: 'GET', path: '/models', headers: headersFor(upstream) }),
  keyHeaders: (key) => ({ authorization: `Bearer ${key.reveal()}` }),
  errorMessage: errorMessageIn,
};

/** Without it a stream ends without its token counts. */
function withUsage(streamOptions: string | undefined): string {
  return streamOptions?.startsWith('{') === true
    ? editMembers(streamOptions, { include_usage: 'true' })
    : '{"include_usage":true}';
}

const knownHeaders = new WeakMap<Upstream, Readonly<Record<string, string>>>();

/** Built once per upstream: they are the same for every request. */
function headersFor(upstream: Upstream): Readonly<Record<string, string>> {
  const known = knownHeaders.get(upstream);
  if (known) return known;
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    'accept-encoding': 'identity',
  };
  Object.assign(headers, upstream.headers);
  knownHeaders.set(upstream, headers);
  return headers;
}
