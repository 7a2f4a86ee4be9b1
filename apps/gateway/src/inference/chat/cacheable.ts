import type { CacheableRequest, Likeness, Visit } from '../cache/index.ts';
import { regionsOf } from '../routing/index.ts';
import { findMembers, type Upstream } from '../upstreams/index.ts';
import type { Admission, Candidate } from './admit.ts';
import type { ChatRequest } from './chat-request.ts';
import type { ChatServices } from './services.ts';

type Fields = Readonly<Record<string, unknown>>;

/** The dealings of this request with the cache; `undefined`: it has none, which is known without any work for most keys. */
export function visitCache(
  { cache }: Pick<ChatServices, 'cache'>,
  admission: Admission,
): Visit | undefined {
  const { key, request } = admission;
  if (cache === undefined || key.cache === undefined || !isCacheable(admission)) return undefined;
  const [first] = admission.candidates;
  if (first === undefined) return undefined;
  const context = contextOf(admission, first);
  const likeness = key.cache.mode === 'semantic' ? likenessOf(admission, context) : undefined;
  return cache.visit({
    organizationId: key.organizationId,
    keyId: key.id,
    cache: key.cache,
    canonical: JSON.stringify([...context, memberText(request, QUESTION[admission.route])]),
    likeness,
    isRefreshed: request.cacheWish === 'refresh',
    hosts: hostsOf(admission, first),
  });
}

/** Fields with which an answer depends on more than the request, or leaves something behind at the provider. */
const EXCLUDING = [
  'tools',
  'functions',
  'store',
  'audio',
  'modalities',
  'web_search_options',
  'search_parameters',
  'enable_search',
  'plugins',
] as const;

/** Digests are made on the event loop: of this much in some milliseconds. */
const MAX_BODY_CHARACTERS = 1_024 * 1_024;

function isCacheable({ request, route, securityTier }: Admission): boolean {
  const { body, bodyText, cacheWish, choiceCount, attachments } = request;
  if (cacheWish === 'off' || securityTier !== undefined) return false;
  if (bodyText.length > MAX_BODY_CHARACTERS) return false;
  if (route === 'embeddings') return true;
  if (route !== 'chat' || choiceCount > 1 || attachments.remoteFileCount > 0) return false;
  if (EXCLUDING.some((name) => isSet(body[name]))) return false;
  const isRandom = typeof body['temperature'] === 'number' && body['temperature'] > 0;
  if (isRandom && cacheWish === undefined) return false;
  return messagesOf(request).every(isSelfContained);
}

const isSet = (value: unknown): boolean =>
  value !== undefined &&
  value !== null &&
  value !== false &&
  !(Array.isArray(value) && value.length === 0);

/** Neither a part of a tool call, nor with something that lies elsewhere and may change. */
function isSelfContained(message: Fields): boolean {
  const { role, content } = message;
  if (role === 'tool' || role === 'function') return false;
  if (isSet(message['tool_calls']) || isSet(message['function_call'])) return false;
  return !Array.isArray(content) || content.every((part: Fields | null) => !isRemote(part));
}

function isRemote(part: Fields | null): boolean {
  const image = part?.['image_url'];
  if (image === undefined || image === null) return false;
  const url = typeof image === 'object' ? (image as Fields)['url'] : image;
  return typeof url !== 'string' || !url.startsWith('data:');
}

const messagesOf = ({ body }: ChatRequest): readonly Fields[] =>
  Array.isArray(body['messages']) ? body['messages'] : [];

/** Where what is asked stands. */
const QUESTION = { chat: 'messages', 'sealed-chat': 'messages', embeddings: 'input' } as const;

/** What changes who asks, how the answer travels, or what it costs, and not what it says. */
const WITHOUT_EFFECT = new Set([
  'model',
  'stream',
  'stream_options',
  'user',
  'metadata',
  'safety_identifier',
  'prompt_cache_key',
  'prompt_cache_retention',
  'store',
  'n',
  'messages',
  'input',
]);

/** All but the question itself: who is asked, and every field as it is written, in an order of its own. */
function contextOf({ request, route }: Admission, { intent, model }: Candidate): string[] {
  const { bodyText } = request;
  const last = new Map(findMembers(bodyText).map((member) => [member.name, member]));
  const fields = [...last.values()]
    .filter(({ name }) => !WITHOUT_EFFECT.has(name))
    .map(({ name, valueStart, valueEnd }) => [name, bodyText.slice(valueStart, valueEnd)] as const)
    .filter(([, text]) => text !== 'null')
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .flat();
  const asked =
    intent.kind === 'tier' ? `tier ${intent.tier} ${intent.preference ?? ''}` : `model ${model.id}`;
  return [route, asked, ...fields];
}

/** Of two members of one name the last one counts. */
function memberText({ bodyText }: ChatRequest, wanted: string): string {
  const member = findMembers(bodyText).findLast(({ name }) => name === wanted);
  return member === undefined ? '' : bodyText.slice(member.valueStart, member.valueEnd);
}

/** The last message is a user's text: what comes before it must be the same, its wording need not. */
function likenessOf({ request, key }: Admission, context: readonly string[]): Likeness | undefined {
  const messages = messagesOf(request);
  const last = messages.at(-1);
  const text = last && textIn(last['content']);
  if (request.cacheWish === 'exact' || last?.['role'] !== 'user' || !text) return undefined;
  const { content: _content, ...rest } = last;
  const regions = regionsOf(key.geoPolicy);
  const { dataCollection, only, ignore } = request.provider;
  return {
    context: JSON.stringify([...context, messages.slice(0, -1), rest]),
    text,
    mayGoTo: (host: Upstream) =>
      regions.has(host.region) &&
      (dataCollection === 'allow' || host.dataCollection === 'deny') &&
      only?.includes(host.id) !== false &&
      !ignore.includes(host.id),
  };
}

function textIn(content: unknown): string | undefined {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content) || content.length !== 1) return undefined;
  const [part] = content as readonly (Fields | null)[];
  const text = part?.['type'] === 'text' ? part['text'] : undefined;
  return typeof text === 'string' ? text : undefined;
}

/**
 * Only the models of the first of those asked that can serve: when it was away, what a fallback has answered is not kept in
 * its place. A model is here because key, request and price allow it now; so its answers are allowed too.
 */
function hostsOf({ candidates }: Admission, { intent }: Candidate): CacheableRequest['hosts'] {
  return new Map(
    candidates
      .filter((candidate) => candidate.intent === intent)
      .map(({ model: { id, upstream, upstreamModel }, bounds }) => [
        id,
        JSON.stringify([
          upstreamModel,
          upstream.baseUrl,
          upstream.region,
          upstream.trust,
          upstream.dataCollection,
          bounds.appliedMaxOutputTokens ?? null,
        ]),
      ]),
  );
}
