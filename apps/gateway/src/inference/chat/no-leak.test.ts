import { picoUsdPerToken } from '@sealgate/contract';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startFakeUpstream, type FakeUpstream } from '../../../../../e2e/fakes/upstream.ts';
import { completePrice, DEFAULT_PRICE_LIST } from '../../customers/billing/index.ts';
import { testKey } from '../../customers/keys/testing.ts';
import type { OwnKeys } from '../../customers/provider-keys/index.ts';
import { Cancellation } from '../../platform/cancellation.ts';
import { systemClock } from '../../platform/clock.ts';
import { Refusal } from '../../platform/refusal.ts';
import { Secret } from '../../platform/secret.ts';
import { QualityBook, Router } from '../routing/index.ts';
import { readFeatures } from '../routing/learning/index.ts';
import { promptOf } from '../routing/learning/testing-prompts.ts';
import {
  createProviders,
  createTransport,
  DEFAULT_RESILIENCE,
  UpstreamHealth,
  type Model,
} from '../upstreams/index.ts';
import { catalogueOf, modelOf } from '../upstreams/testing.ts';
import { admit, type Admission } from './admit.ts';
import { readChatRequest } from './chat-request.ts';
import { reach } from './reach.ts';
import type { ChatServices } from './services.ts';
import {
  fail,
  mayServe,
  NAMES,
  UNLISTED,
  UPSTREAMS,
  world,
  type Way,
  type World,
} from './testing-worlds.ts';

let hosts: readonly FakeUpstream[];
const transport = createTransport();
beforeAll(async () => {
  hosts = await Promise.all(Array.from({ length: 4 }, () => startFakeUpstream()));
});
afterAll(async () => {
  await transport.close();
  for (const host of hosts) await host.close();
});

const PRICE = completePrice({ input: picoUsdPerToken(1n), output: picoUsdPerToken(2n) });

const modelsIn = ({ hosts: traits }: World): readonly Model[] =>
  NAMES.map((id) => {
    const at = UPSTREAMS.indexOf(id.slice(0, 1));
    const { isKeyNeeded, ...facts } = traits[at] ?? fail(id);
    const upstream = {
      ...facts,
      id: id.slice(0, 1),
      baseUrl: hosts[at]?.url ?? '',
      keys: isKeyNeeded ? [] : [{ name: 'ours', weight: 1, secret: new Secret('of the operator') }],
      ownKeys: { isNeeded: isKeyNeeded, models: 'any' },
    } as const;
    return Object.assign(modelOf(upstream), { id, upstreamModel: id, price: PRICE });
  });

const ownKeysIn = ({ hosts: traits }: World): OwnKeys =>
  new Map(
    traits.flatMap(({ ownKey }, at) => {
      if (ownKey === 'none') return [];
      const provider = UPSTREAMS[at] ?? fail(at);
      const isElsewhere = ownKey === 'of-another-place';
      const key = {
        id: `pvk_${provider}`,
        provider,
        origin: isElsewhere ? 'https://elsewhere' : new URL(hosts[at]?.url ?? '').origin,
        revision: 1,
        secret: new Secret(`of the organization for ${provider}`),
        isFallbackAllowed: ownKey === 'with-fallback',
      };
      return [[provider, key] as const];
    }),
  );

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
    ownKeys: ownKeysIn(what),
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

/** Asks for it in earnest; how and where that was seen. */
async function askedOf(
  services: ChatServices,
  admission: Admission,
  content: string,
): Promise<readonly Way[]> {
  const { bodyText, body, isStream } = admission.request;
  const reached = await reach(services, admission, {
    cancellation: new Cancellation(),
    isStream,
    listName: 'choices',
    prepare: (provider, { model }) =>
      provider.chat({ bodyText, body, isStream, model, maxOutputTokens: undefined }),
  });
  if (reached.kind === 'stream') reached.stream.abort();
  return hosts.flatMap(({ received }, at) =>
    received
      .filter(({ text }) => text.includes(content))
      .map(({ headers, body: { model } }) => ({
        id: NAMES.includes(String(model)) ? String(model) : `${UPSTREAMS[at]}/${String(model)}`,
        bearer: headers.authorization?.replace('Bearer ', ''),
      })),
  );
}

type Seen = Record<'conversations' | 'exploration' | 'several' | 'bothKeys' | 'unlisted', number>;

function note(seen: Seen, { decision }: Admission, asked: readonly Way[]): void {
  const isOurs = asked.map(({ bearer }) => bearer === 'of the operator');
  seen.several += Number(new Set(asked.map(({ id }) => id)).size > 1);
  seen.bothKeys += Number(new Set(isOurs).size > 1);
  seen.unlisted += Number(asked.some(({ id }) => UNLISTED.includes(id)));
  seen.conversations += Number(decision?.choice.reason === 'conversation');
  seen.exploration += Number(decision?.choice.reason === 'exploration');
}

test('whatever is learned, drawn, placed, retried, hedged or fallen back to, only those are asked that may be, with the key that may be', async () => {
  let run = 0;
  const seen: Seen = { conversations: 0, exploration: 0, several: 0, bothKeys: 0, unlisted: 0 };
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
      for (const { model } of admission.candidates) {
        const bearer = model.upstream.keys?.[0]?.secret.reveal();
        expect(mayServe({ id: model.id, bearer }, what), `${model.id} with ${bearer}`).toBe(true);
      }
      const asked = await askedOf(services, admission, content);
      for (const way of asked)
        expect(mayServe(way, what), `${way.id} with ${way.bearer}`).toBe(true);
      expect(asked.length).toBeGreaterThan(0);
      note(seen, admission, asked);
    }),
    { numRuns: 300, endOnFailure: true },
  );
  // Each must have happened, or the property says nothing.
  expect(Math.min(...Object.values(seen)), JSON.stringify(seen)).toBeGreaterThan(0);
});
