import { GEO_POLICIES, picoUsdPerToken } from '@sealgate/contract';
import fc from 'fast-check';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  answer,
  json,
  reset,
  startFakeUpstream,
  type FakeUpstream,
  type Script,
} from '../../../../../e2e/fakes/upstream.ts';
import { completePrice, DEFAULT_PRICE_LIST } from '../../customers/billing/index.ts';
import { testKey } from '../../customers/keys/testing.ts';
import { Cancellation } from '../../platform/cancellation.ts';
import { systemClock } from '../../platform/clock.ts';
import { Refusal } from '../../platform/refusal.ts';
import { QualityBook, Router } from '../routing/index.ts';
import { readFeatures } from '../routing/learning/index.ts';
import { promptOf } from '../routing/learning/testing-prompts.ts';
import {
  createProviders,
  createTransport,
  DEFAULT_RESILIENCE,
  UpstreamHealth,
  type Model,
  type Trust,
} from '../upstreams/index.ts';
import { catalogueOf, modelOf } from '../upstreams/testing.ts';
import { admit, type Admission } from './admit.ts';
import { readChatRequest } from './chat-request.ts';
import { reach } from './reach.ts';
import type { ChatServices } from './services.ts';

let hosts: readonly FakeUpstream[];
const transport = createTransport();
beforeAll(async () => {
  hosts = await Promise.all(Array.from({ length: 4 }, () => startFakeUpstream()));
});
afterAll(async () => {
  await transport.close();
  for (const host of hosts) await host.close();
});

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
  reset,
];

const TRUSTS: readonly (readonly Trust[])[] = [
  ['public', 'private', 'local'],
  ['private', 'local'],
  ['local'],
];
const PRICE = completePrice({ input: picoUsdPerToken(1n), output: picoUsdPerToken(2n) });

const host = fc.record({
  region: fc.constantFrom('cn' as const, 'overseas' as const),
  trust: fc.constantFrom<Trust[]>('public', 'private', 'local'),
  dataCollection: fc.constantFrom('allow' as const, 'deny' as const),
  script: fc.constantFrom(...SCRIPTS),
});
const NAMES = ['a/1', 'a/2', 'b/1', 'b/2', 'c/1', 'c/2', 'd/1', 'd/2'];
const UPSTREAMS = ['a', 'b', 'c', 'd'];
const TIERS = ['nexevo/fast', 'nexevo/auto', 'nexevo/auto:quality', 'nexevo/balanced:cheap'];

const world = fc.record({
  hosts: fc.tuple(host, host, host, host),
  policy: fc.constantFrom(...GEO_POLICIES),
  allowed: fc.option(fc.subarray([...NAMES, ...TIERS], { minLength: 1 }), { nil: undefined }),
  trusts: fc.constantFrom(...TRUSTS),
  asked: fc.constantFrom(...TIERS),
  others: fc.subarray([...TIERS, ...NAMES], { maxLength: 3 }),
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
type World = typeof world extends fc.Arbitrary<infer Value> ? Value : never;

const modelsIn = ({ hosts: traits }: World): readonly Model[] =>
  NAMES.map((id) => {
    const at = UPSTREAMS.indexOf(id.slice(0, 1));
    const upstream = { id: id.slice(0, 1), baseUrl: hosts[at]?.url ?? '', ...traits[at] };
    return Object.assign(modelOf(upstream), { id, upstreamModel: id, price: PRICE });
  });

/** The law, in words of its own. */
function mayServe({ upstream, id }: Model, what: World): boolean {
  const { policy, allowed, trusts, provider } = what;
  const asked = [what.asked, ...what.others];
  const isAllowed =
    allowed === undefined ||
    allowed.includes(id) ||
    asked.some((each) => TIERS.includes(each) && allowed.includes(each));
  return (
    isAllowed &&
    (policy === 'any' || policy === `${upstream.region}-only`) &&
    trusts.includes(upstream.trust) &&
    (provider.data_collection !== 'deny' || upstream.dataCollection === 'deny') &&
    (provider.only === undefined || provider.only.includes(upstream.id)) &&
    provider.ignore?.includes(upstream.id) !== true
  );
}

function servicesIn(what: World, models: readonly Model[]): ChatServices {
  const settings = {
    ...DEFAULT_RESILIENCE,
    hedging: { isOn: true, atLeastMs: 1, samples: 1 },
    retries: { perModel: 1, budgetPercent: 100 },
  };
  const health = new UpstreamHealth({ settings, clock: systemClock, onEvent: () => {} });
  for (const model of models) {
    const pass = health.enter(model, what.isStream);
    if (pass.kind === 'pass') pass.end('success');
  }
  const book = new QualityBook(() => ({ mean: 0.7, worth: 20 }));
  const features = readFeatures(promptOf('Hi'));
  for (const { model, label } of what.votes)
    book.learn(model, features, { rating: { label, weight: 1 }, isVote: true });
  const random = (): number => what.draws.next().value;
  const router = new Router({
    book,
    health,
    onNewVersion: () => {},
    metrics: { decision: () => {} },
    monotonicMs: () => 0,
    random,
  });
  return {
    catalogue: () => catalogueOf(models),
    transport,
    providers: createProviders(systemClock),
    health,
    router,
    priceList: () => DEFAULT_PRICE_LIST,
    defaultMaxOutputTokens: 100,
    metrics: { upstreamAttempt: () => {}, generation: () => {}, hedge: () => {} },
    clock: systemClock,
    random,
  } as Partial<ChatServices> as ChatServices;
}

/** `undefined`: refused. */
function admitIn(what: World, services: ChatServices, content: string): Admission | undefined {
  const { asked: model, others: fallbacks, provider, isStream: stream, placed } = what;
  const messages = [{ role: 'user', content }];
  const metadata = what.isTalk ? { conversation_id: 'talk' } : {};
  const request = readChatRequest(
    JSON.stringify({ model, models: fallbacks, messages, stream, provider, metadata }),
  );
  const key = testKey({
    geoPolicy: what.policy,
    allowedModels: what.allowed && new Set(what.allowed),
  });
  const applicant = { key, request, route: 'chat', trusts: new Set(what.trusts) } as const;
  try {
    const first = admit(services, applicant);
    const placedOn = services.catalogue().models.get(placed);
    if (placedOn === undefined) throw new Error('impossible: an unknown model');
    services.router.noteAnswer({
      organizationId: 'org_1',
      model: placedOn,
      outputTokens: 1,
      isEmpty: false,
      answeredModel: undefined,
      conversation: first.decision?.conversation,
    });
    return admit(services, applicant);
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

/** Asks for it in earnest; the models that were reached, by their names. */
async function askedOf(
  services: ChatServices,
  admission: Admission,
  content: string,
): Promise<readonly unknown[]> {
  const { bodyText, body, isStream } = admission.request;
  const reached = await reach(services, admission, {
    cancellation: new Cancellation(),
    isStream,
    listName: 'choices',
    prepare: (provider, { model }) =>
      provider.chat({ bodyText, body, isStream, model, maxOutputTokens: undefined }),
  });
  if (reached.kind === 'stream') reached.stream.abort();
  return hosts.flatMap(({ received }) =>
    received.flatMap(({ text, body: { model } }) => (text.includes(content) ? model : [])),
  );
}

test('whatever is learned, drawn, placed, retried, hedged or fallen back to, only those are asked that may be', async () => {
  let run = 0;
  const seen = { conversations: 0, exploration: 0, several: 0 };
  await fc.assert(
    fc.asyncProperty(world, async (what) => {
      for (const [at, { script }] of what.hosts.entries()) hosts[at]?.always(script);
      // A connection that was given up may bring its request late: each run knows its own.
      run += 1;
      const content = `This is run ${run}.`;
      const models = modelsIn(what);
      const services = servicesIn(what, models);
      const admission = admitIn(what, services, content);
      if (admission === undefined) return;
      for (const { model } of admission.candidates)
        expect(mayServe(model, what), model.id).toBe(true);
      const asked = await askedOf(services, admission, content);
      for (const name of asked) {
        const model = models.find(({ upstreamModel }) => upstreamModel === name);
        expect(model && mayServe(model, what), String(name)).toBe(true);
      }
      expect(asked.length).toBeGreaterThan(0);
      if (new Set(asked).size > 1) seen.several += 1;
      if (admission.decision?.choice.reason === 'conversation') seen.conversations += 1;
      if (admission.decision?.choice.reason === 'exploration') seen.exploration += 1;
    }),
    { numRuns: 250, endOnFailure: true },
  );
  // Each must have happened often, or the property says nothing.
  expect(Math.min(...Object.values(seen)), JSON.stringify(seen)).toBeGreaterThan(2);
});
