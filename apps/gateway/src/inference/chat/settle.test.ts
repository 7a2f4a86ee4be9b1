import { nanoUsd, picoUsdPerToken } from '@sealgate/contract';
import { describe, expect, test } from 'vitest';
import {
  completePrice,
  DEFAULT_PRICE_LIST,
  NO_TOKENS,
  type Generation,
  type Hold,
} from '../../customers/billing/index.ts';
import { testKey } from '../../customers/keys/testing.ts';
import { featuresFromBytes } from '../routing/index.ts';
import { readFeatures } from '../routing/learning/index.ts';
import { promptOf } from '../routing/learning/testing-prompts.ts';
import { testRouter } from '../routing/testing.ts';
import { ANY_TRUST, type Model } from '../upstreams/index.ts';
import { catalogueOf, modelOf } from '../upstreams/testing.ts';
import { admit, type Applicant } from './admit.ts';
import { readChatRequest } from './chat-request.ts';
import type { ChatServices } from './services.ts';
import { settle, type Ending } from './settle.ts';

const price = completePrice({ input: picoUsdPerToken(1n), output: picoUsdPerToken(2n) });
const house = modelOf({ id: 'house' });
const models: readonly Model[] = [
  { ...house, id: 'house/one', price },
  { ...house, id: 'house/two', price },
];
const SECRET = 'The secret is xyzzy';

/** What the journal gets of a chat that one of two models has answered. */
async function journalled(
  body: object,
  options: {
    readonly route?: Applicant['route'];
    readonly keepsFeatures?: boolean;
    readonly ending?: Partial<Ending>;
    readonly router?: ReturnType<typeof testRouter>;
  } = {},
): Promise<Generation> {
  const { route = 'chat', keepsFeatures = true, router = testRouter() } = options;
  const appended: Generation[] = [];
  const services = {
    catalogue: () => catalogueOf(models),
    priceList: () => DEFAULT_PRICE_LIST,
    defaultMaxOutputTokens: 100,
    router,
    keepsFeatures,
    clock: () => 1_800_000_000_000,
    metrics: { generation: () => {}, upstreamAttempt: () => {}, hedge: () => {} },
    journal: { append: async (generation) => void appended.push(generation) },
  } as Partial<ChatServices> as ChatServices;
  const messages = [{ role: 'user', content: SECRET }];
  const request = readChatRequest(JSON.stringify({ model: 'nexevo/auto', messages, ...body }));
  const admission = admit(services, { key: testKey(), request, route, trusts: ANY_TRUST });
  const hold: Hold = {
    amountNano: nanoUsd(1n),
    month: '2026-01',
    leaseId: undefined,
    settle: (amount) => amount,
    remaining: () => undefined,
    release: () => {},
  };
  await settle(
    services,
    { ...admission, hold },
    {
      outcome: 'success',
      status: 200,
      candidate: admission.candidates[0],
      modelsTried: [],
      usage: { ...NO_TOKENS, input: 1, output: 1 },
      usageSource: 'upstream',
      firstByteAtMs: undefined,
      isFree: false,
      answeredModel: undefined,
      ...options.ending,
    },
  );
  const [generation] = appended;
  if (generation === undefined) throw new Error('nothing was written down');
  return generation;
}

const withoutFeatures = { features: undefined, chosen: 'house/one' };

describe('the decision about a chat of a tier', () => {
  test('is written down with what teaches the router, and with nothing of what was said', async () => {
    const { decision } = await journalled({ metadata: { conversation_id: 'my talk' } });
    expect(decision).toMatchObject({
      tier: 'auto',
      policy: expect.any(String),
      rules: { perUsdPer1000: 0.02, perSecond: 0.005, explores: true },
      options: [{ model: 'house/one' }, { model: 'house/two' }],
      chosen: 'house/one',
      reason: 'best',
    });
    const bytes = Buffer.from(decision?.features ?? '', 'base64');
    expect(featuresFromBytes(bytes)).toEqual(readFeatures(promptOf(SECRET)));
    const everything = JSON.stringify(decision) + bytes.toString('latin1');
    expect(everything).not.toMatch(/xyzzy|secret|my talk/i);
  });

  test.each<[string, object, Parameters<typeof journalled>[1]]>([
    ['whose caller does not want it', { learn: false }, {}],
    ['where the operator does not want it', {}, { keepsFeatures: false }],
    [
      'where the operator does not want it, though its caller does',
      { learn: true },
      { keepsFeatures: false },
    ],
    [
      'that is sealed, where the operator does not want it',
      { learn: true },
      { keepsFeatures: false, route: 'sealed-chat' },
    ],
  ])('is written down without features of a chat %s', async (_what, body, options) => {
    expect((await journalled(body, options)).decision).toMatchObject(withoutFeatures);
  });

  test('is written down of a sealed chat only if its caller says so inside', async () => {
    const route = 'sealed-chat';
    expect((await journalled({}, { route })).decision).toBeUndefined();
    expect((await journalled({ learn: false }, { route })).decision).toBeUndefined();
    const { decision } = await journalled({ learn: true }, { route });
    expect(decision?.features).toBeDefined();
  });

  test('is none where the caller has named the model, also before a tier', async () => {
    expect((await journalled({ model: 'house/two' })).decision).toBeUndefined();
    const named = { model: 'house/two', models: ['nexevo/auto'] };
    expect((await journalled(named)).decision).toBeUndefined();
  });

  test('is none where the answer had been kept: no model was asked', async () => {
    const [exact, semantic] = [
      await journalled({}, { ending: { cache: 'exact' } }),
      await journalled({}, { ending: { cache: 'semantic' } }),
    ];
    expect([exact.decision, semantic.decision]).toEqual([undefined, undefined]);
  });

  test('is that of the tier that was asked for first', async () => {
    const { decision } = await journalled({ model: 'nexevo/fast', models: ['nexevo/auto'] });
    expect(decision?.tier).toBe('fast');
  });
});

describe('the router hears', () => {
  const talk = { metadata: { conversation_id: 'talk' } };

  test('of a good answer, so that the conversation stays where it is', async () => {
    const router = testRouter({ random: () => 0.999 });
    const [first, second] = [
      await journalled(talk, { router }),
      await journalled(talk, { router }),
    ];
    expect([first.decision?.reason, second.decision?.reason]).toEqual([
      'exploration',
      'conversation',
    ]);
    expect(second.decision?.chosen).toBe(first.decision?.chosen);
  });

  test.each<Partial<Ending>>([
    { outcome: 'failed' },
    { outcome: 'aborted' },
    { outcome: 'refused', candidate: undefined },
    { cache: 'exact' },
  ])('of no answer that there was not: %o', async (ending) => {
    const router = testRouter();
    await journalled(talk, { router, ending });
    expect((await journalled(talk, { router })).decision?.reason).toBe('best');
  });
});
