import { lt } from 'drizzle-orm';
import type { Context } from '../../platform/context.ts';
import { inSystem, routingDecisions } from '../../platform/db/index.ts';

const DAY_MS = 24 * 60 * 60_000;

/** Deletes decisions that are older than so many days, of everybody: hence past all scopes. */
export function forgetDecisions(ctx: Context, days: number): Promise<void> {
  const end = new Date(ctx.clock() - days * DAY_MS);
  return inSystem(ctx, async (transaction) => {
    await transaction.delete(routingDecisions).where(lt(routingDecisions.decidedAt, end));
  });
}
