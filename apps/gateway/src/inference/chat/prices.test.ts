import { nanoUsd, picoUsdPerToken } from '@sealgate/contract';
import { expect, test } from 'vitest';
import {
  boundOf,
  chargeOf,
  completePrice,
  createPlans,
  DEFAULT_PRICE_LIST,
  inOrder,
  listAt,
  NO_TOKENS,
  priceListOf,
  PriceListFields,
  type BookedPlan,
  type Generation,
  type Plan,
  type PriceList,
  type Tariff,
} from '../../customers/billing/index.ts';
import { testKey } from '../../customers/keys/testing.ts';
import { ANY_TRUST } from '../upstreams/index.ts';
import { testRouter } from '../routing/testing.ts';
import { EMPTY_CATALOGUE, modelOf } from '../upstreams/testing.ts';
import { admit, type Admission } from './admit.ts';
import { readChatRequest } from './chat-request.ts';
import type { HeldAdmission } from './hold.ts';
import type { ChatServices } from './services.ts';
import { NOTHING_USED, settle } from './settle.ts';

/** When the second list takes effect. */
const SWITCH_MS = Date.UTC(2026, 11, 1);
const SECOND = priceListOf(
  PriceListFields.parse({
    fast: { input: '6', output: '24' },
    passthrough_factor: '2',
    cache_hit_share: '1',
  }),
);
const LISTS = inOrder([{ effectiveFromMs: SWITCH_MS, list: SECOND, id: 'pls_1' }]);
const TEAM: Plan = {
  id: 'team',
  name: 'Team',
  monthlyFeeNano: nanoUsd(0n),
  shares: { ...DEFAULT_PRICE_LIST.planShares, fast: { of: 5n, per: 10n } },
};
const PLANS = createPlans([TEAM]);

const price = completePrice({ input: picoUsdPerToken(1_000_000n), output: picoUsdPerToken(2n) });
const model = { ...modelOf({ id: 'a' }), id: 'a/m', price };
const catalogue = {
  ...EMPTY_CATALOGUE,
  models: new Map([[model.id, model]]),
  pools: { fast: [model], balanced: [model], auto: [model] },
};

const USED = { ...NO_TOKENS, input: 100, output: 500 };

function scene() {
  const state = { nowMs: SWITCH_MS - 1, asked: 0 };
  const journaled: { generation: Generation; tariff: Tariff | undefined }[] = [];
  const services = {
    catalogue: () => catalogue,
    router: testRouter(),
    clock: () => state.nowMs,
    priceList: (plan: BookedPlan, nowMs: number): PriceList => {
      state.asked += 1;
      return { ...listAt(LISTS, nowMs).list, planShares: PLANS.of(plan.planId).shares };
    },
    defaultMaxOutputTokens: 1_000,
    metrics: { generation: () => {} },
    journal: {
      append: async (generation: Generation, tariff?: Tariff) =>
        void journaled.push({ generation, tariff }),
    },
  } as unknown as ChatServices;
  const admitted = (asked: string, plan = testKey().plan) =>
    admit(services, {
      key: testKey({ plan }),
      request: readChatRequest(
        JSON.stringify({ model: asked, messages: [{ role: 'user', content: 'hello' }] }),
      ),
      route: 'chat',
      trusts: ANY_TRUST,
    });
  const settled = (admission: Admission) => {
    const hold = { month: '2026-12', leaseId: 'lse_1', settle: (nano: bigint) => nano };
    return settle(services, { ...admission, hold } as unknown as HeldAdmission, {
      ...NOTHING_USED,
      outcome: 'success',
      status: 200,
      candidate: admission.candidates[0],
      modelsTried: [model.id],
      usage: USED,
      usageSource: 'upstream',
      isFree: false,
    });
  };
  return { state, admitted, settled, journaled };
}

test.each(['nexevo/fast', 'a/m'])(
  'a request for %s that was admitted before prices change is held and charged by the list it was admitted with',
  async (asked) => {
    const { state, admitted, settled, journaled } = scene();
    const before = admitted(asked);
    state.nowMs = SWITCH_MS;
    const after = admitted(asked);
    for (const admission of [after, before]) {
      const [candidate] = admission.candidates;
      if (candidate === undefined) throw new Error('it was admitted');
      expect(admission.boundNano).toBe(boundOf(candidate.bounds.tokens, candidate.tariff));
      const generation = await settled(admission);
      expect(generation.costNano).toBe(chargeOf(USED, candidate.tariff));
      expect(generation.costNano).toBeLessThanOrEqual(admission.boundNano);
      expect(generation.priceVersion).toBe(candidate.tariff.version);
      expect(journaled.at(-1)?.tariff).toBe(candidate.tariff);
    }
    const [ofAfter, ofBefore] = journaled.map(({ generation }) => generation.costNano);
    expect(ofAfter).toBeGreaterThan(ofBefore ?? 0n);
  },
);

test('one list is asked for, at the moment of the admission, whatever is asked for', () => {
  const { state, admitted } = scene();
  expect(admitted('nexevo/fast').candidates[0]?.tariff.price).toBe(DEFAULT_PRICE_LIST.tiers.fast);
  expect(state.asked).toBe(1);
});

test('the plan that the key’s organization has booked takes its share off the hold and the charge', async () => {
  const { admitted, settled } = scene();
  const plain = admitted('nexevo/fast');
  const booked = admitted('nexevo/fast', { planId: 'team', next: undefined });
  expect(booked.boundNano * 2n).toBe(plain.boundNano);
  const [full, half] = [await settled(plain), await settled(booked)];
  expect(half.costNano * 2n).toBe(full.costNano);
  expect(half.priceVersion).not.toBe(full.priceVersion);
  const named = [admitted('a/m'), admitted('a/m', { planId: 'team', next: undefined })];
  expect(named[0]?.boundNano).toBe(named[1]?.boundNano);
});
