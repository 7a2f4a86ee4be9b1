import { nanoUsd, parseUsd, printUsd } from '@sealgate/contract';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dayOfMonthAt, monthAt } from '../../../platform/month.ts';
import { lessPercent, parseRatio, WHOLE } from '../pricing/ratio.ts';
import { BILLING_TIERS, type BillingTier, type PlanShares } from '../pricing/tariff.ts';
import { bookedPlan, planIdAt } from './booked-plan.ts';
import { daysLeftOf, feeForRest } from './fee.ts';
import { hintOf, totalOn, type ChargedUsage } from './hint.ts';
import type { Plan } from './plan.ts';
import fees from './test-vectors/fees.json' with { type: 'json' };
import hints from './test-vectors/hints.json' with { type: 'json' };

/** Vectors were calculated apart from this code, with exact fractions and another calendar. */
const nano = (usd: string) => parseUsd(usd) ?? nanoUsd(-1n);

describe('what a plan costs for the rest of a month', () => {
  test.each(fees)('$name', (vector) => {
    const { timeZone, fromFeeUsd, toFeeUsd } = vector;
    const atMs = Date.parse(vector.at);
    const day = dayOfMonthAt(timeZone, atMs);
    expect([monthAt(timeZone, atMs).name, daysLeftOf(day), day.of]).toEqual([
      vector.month,
      vector.days,
      vector.daysOfMonth,
    ]);
    const step = { fromFeeNano: nano(fromFeeUsd), toFeeNano: nano(toFeeUsd) };
    expect(feeForRest(step, day)).toBe(BigInt(vector.amountNano));
  });

  test('is never more than the fee, and the whole fee on the first day', () => {
    const cases = fc.record({
      from: fc.bigInt({ min: 0n, max: 10n ** 15n }),
      more: fc.bigInt({ min: 0n, max: 10n ** 15n }),
      of: fc.integer({ min: 28, max: 31 }),
    });
    fc.assert(
      fc.property(cases, ({ from, more, of }) => {
        const step = { fromFeeNano: nanoUsd(from), toFeeNano: nanoUsd(from + more) };
        expect(feeForRest(step, { day: 1, of })).toBe(more);
        let before = more;
        for (let day = 2; day <= of; day += 1) {
          const amount = feeForRest(step, { day, of });
          expect(amount).toBeLessThanOrEqual(before);
          before = amount;
        }
      }),
    );
  });
});

describe('a booking', () => {
  const next = (timeZone: string, nextPlanMonth: string, nowMs: number) =>
    bookedPlan({ planId: 'dear', nextPlanId: 'cheap', nextPlanMonth, timeZone }, nowMs);

  test.each([
    ['UTC', '2026-12', '2026-12-01T00:00:00.000Z'],
    ['Pacific/Auckland', '2026-12', '2026-11-30T11:00:00.000Z'],
    ['America/New_York', '2026-12', '2026-12-01T05:00:00.000Z'],
    // The clocks change at the end of October.
    ['Europe/Berlin', '2026-11', '2026-10-31T23:00:00.000Z'],
    ['Asia/Kolkata', '2027-01', '2026-12-31T18:30:00.000Z'],
  ])('changes in %s for %s at %s, to the millisecond', (timeZone, month, moment) => {
    const atMs = Date.parse(moment);
    const booked = next(timeZone, month, atMs - 86_400_000);
    expect(booked).toEqual({ planId: 'dear', next: { planId: 'cheap', fromMs: atMs } });
    expect([atMs - 1, atMs].map((ms) => planIdAt(booked, ms))).toEqual(['dear', 'cheap']);
  });

  test('that nobody has brought up to date is what it must be by now', () => {
    expect(next('UTC', '2026-12', Date.UTC(2027, 3))).toEqual({ planId: 'cheap', next: undefined });
  });

  test('waits for its month where the time zone has moved back across the end of one', () => {
    const nowMs = Date.parse('2026-11-30T11:30:00Z');
    // Asked for in Auckland, where it is December; then the organization moved to Honolulu, where it is November.
    const booked = next('Pacific/Honolulu', '2027-01', nowMs);
    expect(booked.next?.fromMs).toBe(Date.parse('2027-01-01T10:00:00Z'));
  });

  test('without anything to follow goes on', () => {
    const stored = { planId: 'team', nextPlanId: null, nextPlanMonth: null, timeZone: 'UTC' };
    expect(planIdAt(bookedPlan(stored, 0), Number.MAX_SAFE_INTEGER)).toBe('team');
  });
});

const shareOf = (percent: string) => lessPercent(parseRatio(percent) ?? WHOLE);
const planOf = (vector: (typeof hints)[number]['plans'][number]): Plan => ({
  id: vector.id,
  name: vector.name,
  monthlyFeeNano: nano(vector.feeUsd),
  shares: Object.fromEntries(
    BILLING_TIERS.map((tier) => [tier, shareOf(vector.percentOff[tier])]),
  ) as PlanShares,
});

describe('an upgrade hint', () => {
  test.each(hints)('$name', (vector) => {
    const plans = vector.plans.map(planOf);
    const current = plans.find(({ id }) => id === vector.current);
    if (current === undefined) throw new Error('a vector without its plan');
    const usage = vector.usage.map(({ tier, planShare, costNano }) => ({
      tier: tier as BillingTier,
      planShare: parseRatio(planShare) ?? WHOLE,
      costNano: BigInt(costNano),
    }));
    const totals = plans.map((plan) => [plan.id, totalOn(plan, usage).toString()]);
    expect(Object.fromEntries(totals)).toEqual(vector.totals);
    const hint = hintOf(usage, current, plans);
    expect(
      hint && {
        plan: hint.plan.id,
        savingsNano: hint.savingsNano.toString(),
        savingsPercent: Number(hint.savingsPercent),
      },
    ).toEqual(vector.hint ?? undefined);
    if (hint === undefined) return;
    expect(hint.reason).toBe(
      `On ${hint.plan.name}, the last 30 days would have cost ${printUsd(nanoUsd(totalOn(hint.plan, usage)))} USD ` +
        `instead of ${printUsd(nanoUsd(totalOn(current, usage)))} USD on ${current.name}, with the monthly fee of each.`,
    );
  });

  test('is given only where it saves, and names the plan that saves most', () => {
    const share = fc.integer({ min: 1, max: 100 }).map((of) => ({ of: BigInt(of), per: 100n }));
    const shares = fc.record({ fast: share, balanced: share, passthrough: share, byok: share });
    const plan = fc.record({
      id: fc.string(),
      name: fc.string(),
      monthlyFeeNano: fc.bigInt({ min: 0n, max: 10n ** 12n }).map(nanoUsd),
      shares,
    });
    const usage: fc.Arbitrary<ChargedUsage> = fc.record({
      tier: fc.constantFrom(...BILLING_TIERS),
      planShare: share,
      costNano: fc.bigInt({ min: 1n, max: 10n ** 14n }),
    });
    const cases = fc.tuple(
      fc.array(plan, { minLength: 1, maxLength: 6 }),
      fc.array(usage, { maxLength: 8 }),
    );
    fc.assert(
      fc.property(cases, ([plans, used]) => {
        const [current] = plans;
        if (current === undefined) throw new Error('there is one');
        const hint = hintOf(used, current, plans);
        const now = totalOn(current, used);
        const totals = plans.map((each) => totalOn(each, used));
        const least = totals.reduce((one, other) => (one < other ? one : other));
        if (hint === undefined) {
          expect((now - least) * 100n).toBeLessThan(now === 0n ? 1n : now);
          return;
        }
        expect(hint.savingsNano).toBeGreaterThan(0n);
        expect(totalOn(hint.plan, used)).toBe(least);
        expect(hint.savingsNano).toBe(now - least);
        expect(hint.savingsPercent).toBeGreaterThanOrEqual(1n);
        expect(hint.savingsPercent).toBeLessThanOrEqual(100n);
      }),
    );
  });
});
