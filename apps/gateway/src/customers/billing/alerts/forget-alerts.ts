import { and, isNotNull, lt, ne, or } from 'drizzle-orm';
import type { Context } from '../../../platform/context.ts';
import { alertDeliveries, alertMessages, alerts, inSystem } from '../../../platform/db/index.ts';

const DAY_MS = 24 * 60 * 60_000;

/** Forgets tries after thirty days. What was raised is known for longer than any month lasts, so that it is not told twice. */
export function forgetAlerts(ctx: Context): Promise<void> {
  const daysAgo = (days: number): Date => new Date(ctx.clock() - days * DAY_MS);
  return inSystem(ctx, async (transaction) => {
    await transaction.delete(alertDeliveries).where(lt(alertDeliveries.attemptedAt, daysAgo(30)));
    await transaction
      .delete(alertMessages)
      .where(and(lt(alertMessages.createdAt, daysAgo(30)), ne(alertMessages.state, 'pending')));
    await transaction
      .delete(alerts)
      .where(
        and(
          lt(alerts.raisedAt, daysAgo(400)),
          or(ne(alerts.scope, 'wallet'), isNotNull(alerts.rearmedAt)),
        ),
      );
  });
}
