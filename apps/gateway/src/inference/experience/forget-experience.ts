import { and, lt, sql } from 'drizzle-orm';
import type { Context } from '../../platform/context.ts';
import { inSystem, routingLessons, routingSnapshots } from '../../platform/db/index.ts';

const DAY_MS = 24 * 60 * 60_000;

/** Deletes lessons that are older than so many days and that every snapshot has. What they taught stays. */
export function forgetExperience(ctx: Context, days: number): Promise<void> {
  const end = new Date(ctx.clock() - days * DAY_MS);
  return inSystem(ctx, async (transaction) => {
    const inSnapshots = sql`(select min(${routingSnapshots.position}) from ${routingSnapshots})`;
    await transaction
      .delete(routingLessons)
      .where(and(lt(routingLessons.createdAt, end), lt(routingLessons.position, inSnapshots)));
  });
}
