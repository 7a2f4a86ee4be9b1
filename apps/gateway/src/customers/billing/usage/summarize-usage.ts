import { nanoUsd, type NanoUsd } from '@sealgate/contract';
import type { MemberActor } from '../../../platform/actor.ts';
import type { Context } from '../../../platform/context.ts';
import { inTenant } from '../../../platform/db/index.ts';
import {
  countUsage,
  findPeriod,
  type CountedUsage,
  type UsageGrouping,
  type UsagePeriod,
} from './count-usage.ts';

export interface UsageTotals {
  readonly requests: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly costNano: NanoUsd;
}

export interface UsageGroup extends UsageTotals {
  readonly id: string | null;
  readonly name: string | null;
}

export interface UsageSummary extends UsagePeriod {
  readonly total: UsageTotals;
  /** Every day is there. */
  readonly daily: ReadonlyMap<string, UsageTotals>;
  readonly byTier: ReadonlyMap<string, UsageTotals>;
  readonly groupBy: UsageGrouping;
  /** Days in their order; others from the most expensive on. */
  readonly groups: readonly UsageGroup[];
}

export interface UsageQuestion {
  readonly days: number;
  readonly groupBy: UsageGrouping;
}

export const NO_USAGE: UsageTotals = {
  requests: 0,
  inputTokens: 0,
  outputTokens: 0,
  costNano: nanoUsd(0n),
};
const DAY_MS = 24 * 60 * 60 * 1000;

/** What was used today and on the days before, in the organization's time zone. */
export async function summarizeUsage(
  ctx: Context<MemberActor>,
  { days, groupBy }: UsageQuestion,
): Promise<UsageSummary> {
  const { organizationId } = ctx.actor;
  const { period, rows } = await inTenant(ctx, organizationId, async (transaction) => {
    const period = await findPeriod(transaction, organizationId, { days, nowMs: ctx.clock() });
    return { period, rows: await countUsage(transaction, organizationId, { ...period, groupBy }) };
  });
  const of = (grouping: CountedUsage['grouping']): UsageGroup[] =>
    rows.filter((row) => row.grouping === grouping).map(readGroup);
  const used = new Map(of('day').map((group) => [group.id, group]));
  const daily = new Map(
    daysFrom(period.from, days).map((day) => [day, used.get(day) ?? NO_USAGE] as const),
  );
  return {
    ...period,
    groupBy,
    total: [...daily.values()].reduce(add, NO_USAGE),
    daily,
    byTier: new Map(of('tier').map((group) => [group.id ?? '', group])),
    groups: groupBy === 'day' ? [...daily].map(groupOfDay) : of('group'),
  };
}

const groupOfDay = ([id, totals]: readonly [string, UsageTotals]): UsageGroup => ({
  ...totals,
  id,
  name: null,
});

const readGroup = ({ id, name, costNano, ...counts }: CountedUsage): UsageGroup => ({
  id,
  name,
  requests: counts.requests,
  inputTokens: counts.inputTokens,
  outputTokens: counts.outputTokens,
  costNano: nanoUsd(BigInt(costNano)),
});

const add = (sum: UsageTotals, { requests, inputTokens, outputTokens, costNano }: UsageTotals) => ({
  requests: sum.requests + requests,
  inputTokens: sum.inputTokens + inputTokens,
  outputTokens: sum.outputTokens + outputTokens,
  costNano: nanoUsd(sum.costNano + costNano),
});

/** Days of the calendar: each has 24 hours here, whatever the clocks did. */
const daysFrom = (first: string, count: number): string[] =>
  Array.from({ length: count }, (_, day) =>
    new Date(Date.parse(first) + day * DAY_MS).toISOString().slice(0, 10),
  );
