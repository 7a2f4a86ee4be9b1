import type { Catalogue } from './catalogue.ts';
import type { Model, Upstream } from './model.ts';

/** An upstream for tests; nothing else imports this file. */
export function upstreamOf(changes: Partial<Upstream>): Upstream {
  return {
    id: 'test',
    kind: 'openai',
    baseUrl: 'http://127.0.0.1:1/v1',
    headers: {},
    outputLimitField: 'max_tokens',
    trust: 'local',
    region: 'overseas',
    dataCollection: 'deny',
    timeouts: { connectMs: 2_000, firstByteMs: 10_000, idleMs: 10_000, totalMs: 20_000 },
    allowPrivateAddress: true,
    ...changes,
  };
}

export function modelOf(changes: Partial<Upstream>): Model {
  return {
    id: 'test/upstream-model',
    upstream: upstreamOf(changes),
    upstreamModel: 'upstream-model',
    price: undefined,
    contextLength: undefined,
    maxOutputTokens: undefined,
    defaultMaxOutputTokens: undefined,
    capabilities: new Set(['chat']),
  };
}

/** Nothing is there, and nothing is known of what is named. */
export const EMPTY_CATALOGUE: Catalogue = {
  upstreams: new Map(),
  models: new Map(),
  pools: { fast: [], balanced: [], auto: [] },
  modelNamed: (upstream, name) => ({
    ...modelOf({}),
    id: `${upstream.id}/${name}`,
    upstream,
    upstreamModel: name,
  }),
};

/** A catalogue whose tiers all have the same pool. */
export const catalogueOf = (models: readonly Model[], pool = models): Catalogue => ({
  ...EMPTY_CATALOGUE,
  upstreams: new Map(models.map(({ upstream }) => [upstream.id, upstream])),
  models: new Map(models.map((model) => [model.id, model])),
  pools: { fast: pool, balanced: pool, auto: pool },
});
