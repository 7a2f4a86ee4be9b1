import { GEO_POLICIES } from '@sealgate/contract';
import fc from 'fast-check';
import { setTimeout as delay } from 'node:timers/promises';
import { answer, json, reset, type Script } from '../../../../../e2e/fakes/upstream.ts';
import type { Trust } from '../upstreams/index.ts';

/** What may come together when a request looks for a model, and the law of who may serve it, for tests; nothing else imports this file. */
const slowly: Script = async (request, response) => {
  await delay(20);
  await answer('At last')(request, response);
};
const SCRIPTS = [
  answer('Hello!'),
  slowly,
  json(500, {}),
  json(429, {}, { 'retry-after': '1' }),
  json(200, { object: 'list' }),
  json(400, { error: { message: 'maximum context length' } }),
  json(401, {}),
  reset,
];

const TRUSTS: readonly (readonly Trust[])[] = [
  ['public', 'private', 'local'],
  ['private', 'local'],
  ['local'],
];

const host = fc.record({
  region: fc.constantFrom('cn' as const, 'overseas' as const),
  trust: fc.constantFrom<Trust[]>('public', 'private', 'local'),
  dataCollection: fc.constantFrom('allow' as const, 'deny' as const),
  script: fc.constantFrom(...SCRIPTS),
  /** For organizations with a key of their own only. */
  isKeyNeeded: fc.nat(3).map((die) => die === 0),
  ownKey: fc.constantFrom('none', 'none', 'alone', 'with-fallback', 'of-another-place'),
});
type Host = typeof host extends fc.Arbitrary<infer Value> ? Value : never;

export const NAMES = ['a/1', 'a/2', 'b/1', 'b/2', 'c/1', 'c/2', 'd/1', 'd/2'];
export const UPSTREAMS = ['a', 'b', 'c', 'd'];
/** In no catalogue: whoever brings a key for the upstream may name them. */
export const UNLISTED = ['a/new', 'b/new', 'c/new', 'd/new'];
const TIERS = ['nexevo/fast', 'nexevo/auto', 'nexevo/auto:quality', 'nexevo/balanced:cheap'];

export const world = fc.record({
  hosts: fc.tuple(host, host, host, host),
  policy: fc.constantFrom(...GEO_POLICIES),
  allowed: fc.option(fc.subarray([...NAMES, ...UNLISTED, ...TIERS], { minLength: 1 }), {
    nil: undefined,
    freq: 1,
  }),
  trusts: fc.constantFrom(...TRUSTS),
  asked: fc.constantFrom(...TIERS, ...TIERS, ...UNLISTED),
  others: fc.subarray([...TIERS, ...NAMES, ...UNLISTED], { maxLength: 3 }),
  provider: fc.record(
    {
      data_collection: fc.constantFrom('allow' as const, 'deny' as const),
      only: fc.subarray(UPSTREAMS, { minLength: 1 }),
      ignore: fc.subarray(UPSTREAMS, { maxLength: 2 }),
    },
    { requiredKeys: [] },
  ),
  // What the router would like best may be just what it must not take.
  votes: fc.array(fc.record({ model: fc.constantFrom(...NAMES), label: fc.nat(1) }), {
    maxLength: 30,
  }),
  placed: fc.constantFrom(...NAMES),
  isTalk: fc.boolean(),
  draws: fc.infiniteStream(
    fc.integer({ min: 0, max: 999 }).map((thousandth) => thousandth / 1_000),
  ),
  isStream: fc.boolean(),
});
export type World = typeof world extends fc.Arbitrary<infer Value> ? Value : never;

/** A way to a model, as its host saw it. */
export interface Way {
  readonly id: string;
  readonly bearer: string | undefined;
}

/** The law, in words of its own. */
export function mayServe(way: Way, what: World): boolean {
  const { policy, trusts, provider } = what;
  const name = nameOf(way);
  const host = hostOf(way, what);
  return (
    isAllowed(way, what) &&
    isRightKey(way, host) &&
    (policy === 'any' || policy === `${host.region}-only`) &&
    trusts.includes(host.trust) &&
    (provider.data_collection !== 'deny' || host.dataCollection === 'deny') &&
    (provider.only === undefined || provider.only.includes(name)) &&
    provider.ignore?.includes(name) !== true
  );
}

function isAllowed({ id }: Way, { allowed, asked, others }: World): boolean {
  if (allowed === undefined || allowed.includes(id)) return true;
  return [asked, ...others].some((each) => TIERS.includes(each) && allowed.includes(each));
}

/** The operator's key is for what is listed, where the organization has none or lets it stand in. */
function isRightKey(way: Way, { ownKey, isKeyNeeded }: Host): boolean {
  if (way.bearer === `of the organization for ${nameOf(way)}`)
    return ownKey === 'alone' || ownKey === 'with-fallback';
  if (way.bearer !== 'of the operator' || isKeyNeeded || !NAMES.includes(way.id)) return false;
  return ownKey === 'none' || ownKey === 'with-fallback';
}

const nameOf = ({ id }: Way): string => id.slice(0, 1);
const hostOf = (way: Way, { hosts }: World): Host =>
  hosts[UPSTREAMS.indexOf(nameOf(way))] ?? fail(way.id);

export function fail(what: unknown): never {
  throw new Error(`impossible: ${String(what)}`);
}
