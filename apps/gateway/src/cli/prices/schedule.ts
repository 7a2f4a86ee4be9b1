import type { Config } from '../../config.ts';
import {
  inOrder,
  readPriceLists,
  type ScheduledList,
  type StoredList,
} from '../../customers/billing/index.ts';
import type { Context } from '../../platform/context.ts';

export interface Schedule {
  /** Those that have taken effect or will, in their order. */
  readonly lists: readonly (ScheduledList | StoredList)[];
  readonly canceled: readonly StoredList[];
}

/** What stands in the file and in the database. */
export async function readSchedule(ctx: Context, { priceLists }: Config): Promise<Schedule> {
  const stored = await readPriceLists(ctx);
  const valid = stored.filter(({ canceledAt }) => canceledAt === undefined);
  return {
    lists: inOrder([...priceLists, ...valid]),
    canceled: stored.filter(({ canceledAt }) => canceledAt !== undefined),
  };
}

export const printMoment = (ms: number): string => new Date(ms).toISOString();
