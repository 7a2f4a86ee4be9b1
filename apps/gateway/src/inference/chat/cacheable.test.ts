import { GEO_POLICIES, picoUsdPerToken } from '@sealgate/contract';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { completePrice, DEFAULT_PRICE_LIST } from '../../customers/billing/index.ts';
import type { KeyCache } from '../../customers/keys/index.ts';
import { testKey } from '../../customers/keys/testing.ts';
import { Refusal } from '../../platform/refusal.ts';
import type { AnswerCache, CacheableRequest, Visit } from '../cache/index.ts';
import { ANY_TRUST, type Catalogue, type Model, type Region } from '../upstreams/index.ts';
import { testRouter } from '../routing/testing.ts';
import { EMPTY_CATALOGUE, modelOf, upstreamOf } from '../upstreams/testing.ts';
import { admit, type Applicant } from './admit.ts';
import { visitCache } from './cacheable.ts';
import { readChatRequest } from './chat-request.ts';
import { readEmbeddingsRequest } from './embeddings-request.ts';
import type { ChatServices } from './services.ts';

const CACHE: KeyCache = { mode: 'semantic', scope: 'key', ttlMs: 60_000, minSimilarity: 0.8 };
const price = completePrice({ input: picoUsdPerToken(1n), output: picoUsdPerToken(1n) });

const modelAt = (id: string, changes: Parameters<typeof upstreamOf>[0] = {}): Model => ({
  ...modelOf({ id: id.split('/')[0] ?? '', ...changes }),
  id,
  upstreamModel: id,
  price,
  capabilities: new Set(['chat', 'tools', 'vision', 'structured-output', 'embeddings']),
});

const catalogueOf = (models: readonly Model[]): Catalogue => ({
  ...EMPTY_CATALOGUE,
  models: new Map(models.map((model) => [model.id, model])),
  pools: { fast: models, balanced: models, auto: models },
});

/** What the cache is asked; `undefined`: nothing. */
function visitedBy(
  applicant: Partial<Applicant> & Pick<Applicant, 'request'>,
  catalogue = catalogueOf([modelAt('a/m'), modelAt('b/m')]),
): CacheableRequest | undefined {
  let asked: CacheableRequest | undefined;
  const cache = {
    visit: (request: CacheableRequest) => {
      asked = request;
      return {} as Visit;
    },
  } as Partial<AnswerCache> as AnswerCache;
  const services = {
    catalogue: () => catalogue,
    router: testRouter(),
    clock: () => 0,
    priceList: () => DEFAULT_PRICE_LIST,
    defaultMaxOutputTokens: 1_000,
    cache,
  } as unknown as ChatServices;
  const admission = admit(services, {
    key: testKey({ cache: CACHE }),
    route: 'chat',
    trusts: ANY_TRUST,
    ...applicant,
  });
  visitCache(services, admission);
  return asked;
}

const MESSAGES = [{ role: 'user', content: 'What is inflation?' }];
const textOf = (changes: object = {}): string =>
  JSON.stringify({ model: 'a/m', messages: MESSAGES, ...changes });
const visited = (changes: object = {}): CacheableRequest | undefined =>
  visitedBy({ request: readChatRequest(textOf(changes)) });
const placeOf = (text: string): string | undefined =>
  visitedBy({ request: readChatRequest(text) })?.canonical;

describe('the cache is asked', () => {
  test('for keys that want it only', () => {
    const request = readChatRequest(textOf());
    expect(visitedBy({ request })).toBeDefined();
    expect(visitedBy({ request, key: testKey() })).toBeUndefined();
  });

  test.each<[string, object]>([
    ['tools', { tools: [{ type: 'function', function: { name: 'f' } }] }],
    ['functions', { functions: [{ name: 'f' }] }],
    ['the web', { web_search_options: {} }],
    ['sound', { audio: { voice: 'a' } }],
    ['a stored answer', { store: true }],
    ['several choices', { n: 2 }],
    ['a temperature above 0', { temperature: 0.01 }],
    ['a tool’s answer', { messages: [...MESSAGES, { role: 'tool', tool_call_id: 'c' }] }],
    ['a tool call', { messages: [{ role: 'assistant', tool_calls: [{ id: 'c' }] }, ...MESSAGES] }],
    ['a picture elsewhere', withPart({ type: 'image_url', image_url: { url: 'https://a/b' } })],
    ['a file elsewhere', withPart({ type: 'file', file: { file_id: 'f' } })],
    ['more than is worth a digest', { messages: [{ role: 'user', content: 'x'.repeat(2 ** 20) }] }],
    ['the wish to leave it out', { cache: 'off' }],
  ])('never for a request with %s', (_what, changes) => {
    expect(visited(changes)).toBeUndefined();
  });

  test.each<[string, object]>([
    ['the temperature 0', { temperature: 0 }],
    ['the wish, in spite of its temperature', { temperature: 1, cache: 'on' }],
    ['no tools after all', { tools: [] }],
    ['a picture of its own', withPart({ type: 'image_url', image_url: { url: 'data:,x' } })],
  ])('for a request with %s', (_what, changes) => {
    expect(visited(changes)).toBeDefined();
  });

  test('never for what is sealed, whatever route it takes', () => {
    const request = readChatRequest(textOf({ cache: 'on' }));
    expect(visitedBy({ request, route: 'sealed-chat' })).toBeUndefined();
    expect(visitedBy({ request, securityTier: 'standard' })).toBeUndefined();
  });

  test('for embeddings, under a place of their own', () => {
    const request = readEmbeddingsRequest('{"model":"a/m","input":"x","cache":"refresh"}');
    const visit = visitedBy({ request, route: 'embeddings' });
    expect(visit).toMatchObject({ isRefreshed: true, likeness: undefined });
    const chat = readChatRequest('{"model":"a/m","messages":[{"role":"user","content":"x"}]}');
    expect(visitedBy({ request: chat })?.canonical).not.toBe(visit?.canonical);
  });
});

function withPart(part: object): object {
  return { messages: [{ role: 'user', content: [{ type: 'text', text: 'x' }, part] }] };
}

describe('two requests are the same', () => {
  const place = placeOf(textOf());

  test.each<[string, object]>([
    ['whoever the user is', { user: 'u', metadata: { a: 'b' }, safety_identifier: 's' }],
    ['however the answer travels', { stream: true, stream_options: { include_usage: true } }],
    ['with a field that says nothing', { n: 1, stop: null, store: false, prompt_cache_key: 'k' }],
    ['whatever else it may cost or use', { max_price: { total: 9 }, provider: { ignore: ['z'] } }],
    ['with fallbacks that are not needed', { models: ['b/m'] }],
  ])('%s', (_what, changes) => {
    expect(placeOf(textOf(changes))).toBe(place);
  });

  test('in whatever order their fields are, and of two with one name the last counts', () => {
    const one = '{"model":"a/m","seed":1,"messages":[{"role":"user","content":"x"}],"top_p":1}';
    const other =
      '{"top_p":1,"messages":[{"role":"user","content":"y"}],"messages":[{"role":"user","content":"x"}],"seed":1,"model":"a/m"}';
    expect(placeOf(one)).toBe(placeOf(other));
  });

  test.each<[string, object]>([
    ['another model', { model: 'b/m' }],
    ['a tier', { model: 'nexevo/fast' }],
    ['another wish within a tier', { model: 'nexevo/fast:quality' }],
    ['another message', { messages: [{ role: 'user', content: 'What is deflation?' }] }],
    ['another format', { response_format: { type: 'json_object' } }],
    ['a limit', { max_tokens: 5 }],
    ['a field of tomorrow', { thinking_budget: 1 }],
  ])('not with %s', (_what, changes) => {
    expect(placeOf(textOf(changes))).not.toBe(place);
  });

  test('not with numbers that only look the same to JavaScript', () => {
    const seeded = (seed: string): string => textOf().replace('{', `{"seed":${seed},`);
    expect(placeOf(seeded('9007199254740993'))).not.toBe(placeOf(seeded('9007199254740992')));
  });
});

describe('likeness', () => {
  test('is of the last message; all before it and around it must be the same', () => {
    const first = visited({ messages: [{ role: 'system', content: 's' }, ...MESSAGES] })?.likeness;
    const parts = [{ type: 'text', text: 'What is inflation?' }];
    const other = visited({
      messages: [
        { role: 'system', content: 's' },
        { role: 'user', content: parts },
      ],
    })?.likeness;
    expect(first?.text).toBe('What is inflation?');
    expect(other).toMatchObject({ text: first?.text, context: first?.context });
    const contexts = [
      {},
      { max_tokens: 7 },
      { messages: [{ role: 'user', content: 'What is inflation?', name: 'ada' }] },
      { messages: [{ role: 'system', content: 't' }, ...MESSAGES] },
    ].map((changes) => visited(changes)?.likeness?.context);
    expect(new Set([...contexts, first?.context]).size).toBe(5);
  });

  test.each<[string, object]>([
    ['where the request wants the very same', { cache: 'exact' }],
    ['of what an assistant said', { messages: [...MESSAGES, { role: 'assistant', content: 'x' }] }],
    ['of a picture', withPart({ type: 'image_url', image_url: { url: 'data:,x' } })],
  ])('is not %s', (_what, changes) => {
    expect(visited(changes)).toMatchObject({ likeness: undefined });
  });

  test('lets a text go only where the request itself may go', () => {
    const key = testKey({ cache: CACHE, geoPolicy: 'cn-only' });
    const provider = { data_collection: 'deny', ignore: ['c'] };
    const models = catalogueOf([modelAt('a/m', { region: 'cn' })]);
    const request = readChatRequest(textOf({ provider }));
    const mayGoTo = visitedBy({ request, key }, models)?.likeness?.mayGoTo;
    const host = { id: 'b', region: 'cn', dataCollection: 'deny' } as const;
    expect(mayGoTo?.(upstreamOf(host))).toBe(true);
    expect(mayGoTo?.(upstreamOf({ ...host, region: 'overseas' }))).toBe(false);
    expect(mayGoTo?.(upstreamOf({ ...host, dataCollection: 'allow' }))).toBe(false);
    expect(mayGoTo?.(upstreamOf({ ...host, id: 'c' }))).toBe(false);
  });
});

describe('an answer can only come', () => {
  const ids = ['a/1', 'a/2', 'b/1', 'c/1'];
  const traits = fc.record({
    region: fc.constantFrom<Region>('cn', 'overseas'),
    trust: fc.constantFrom('public' as const, 'private' as const, 'local' as const),
    dataCollection: fc.constantFrom('allow' as const, 'deny' as const),
  });
  const asked = [...ids, 'nexevo/fast', 'nexevo/auto:quality'];

  test('from a model that the request may use now, whatever the key, the catalogue and the wishes', () => {
    let seen = 0;
    fc.assert(
      fc.property(
        fc.tuple(...ids.map(() => traits)),
        fc.record({
          policy: fc.constantFrom(...GEO_POLICIES),
          allowed: fc.option(fc.subarray(asked, { minLength: 1 }), { nil: undefined }),
          trusts: fc.subarray(['public', 'private', 'local'] as const, { minLength: 1 }),
        }),
        fc.record({
          wanted: fc.uniqueArray(fc.constantFrom(...asked), { minLength: 1, maxLength: 4 }),
          collection: fc.constantFrom('allow', 'deny'),
          only: fc.option(fc.subarray(['a', 'b', 'c']), { nil: undefined }),
          ignore: fc.subarray(['a', 'b', 'c']),
        }),
        (hosts, { policy, allowed, trusts }, { wanted, collection, only, ignore }) => {
          const models = ids.map((id, index) => modelAt(id, hosts[index] ?? {}));
          const [model, ...others] = wanted;
          const provider = { data_collection: collection, only, ignore };
          const request = readChatRequest(textOf({ model, models: others, provider }));
          const key = testKey({
            cache: CACHE,
            geoPolicy: policy,
            allowedModels: allowed && new Set(allowed),
          });
          const visit = visitedOrRefused(
            { request, key, trusts: new Set(trusts) },
            catalogueOf(models),
          );
          for (const [id, facts] of visit?.hosts ?? []) {
            seen += 1;
            const { upstream } = models.find((each) => each.id === id) ?? modelAt('');
            expect(facts).toContain(`"${upstream.region}","${upstream.trust}"`);
            if (policy !== 'any') expect(policy.startsWith(upstream.region)).toBe(true);
            expect(trusts).toContain(upstream.trust);
            expect(ignore).not.toContain(upstream.id);
            if (only !== undefined) expect(only).toContain(upstream.id);
            if (collection === 'deny') expect(upstream.dataCollection).toBe('deny');
            const isAllowed = allowed?.some((name) => name === id || wanted.includes(name));
            expect(isAllowed ?? true).toBe(true);
          }
        },
      ),
      { numRuns: 1_000 },
    );
    expect(seen).toBeGreaterThan(50);
  });

  test('of the models that are asked first: what a fallback has said does not stand for them', () => {
    const request = readChatRequest(textOf({ models: ['b/m', 'nexevo/fast'] }));
    expect([...(visitedBy({ request })?.hosts.keys() ?? [])]).toEqual(['a/m']);
    const key = testKey({ cache: CACHE, allowedModels: new Set(['b/m']) });
    const limited = visitedBy({ request, key });
    expect([...(limited?.hosts.keys() ?? [])]).toEqual(['b/m']);
    expect(limited?.canonical).toBe(placeOf(textOf({ model: 'b/m' })));
  });
});

function visitedOrRefused(...asked: Parameters<typeof visitedBy>): CacheableRequest | undefined {
  try {
    return visitedBy(...asked);
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}
