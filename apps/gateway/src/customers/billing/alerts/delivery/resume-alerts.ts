import { and, asc, eq, lte } from 'drizzle-orm';
import type { Context } from '../../../../platform/context.ts';
import { alertMessages, inSystem } from '../../../../platform/db/index.ts';
import { addJobs } from '../../../../platform/jobs/index.ts';
import { sendingOf } from '../raise-alerts.ts';

/** More than that are to be had a minute later. */
const MAX_AT_ONCE = 1_000;

/** Whoever is to be tried again by now, whosever it is: hence past all scopes. To be called every minute. */
export function resumeAlerts(ctx: Context): Promise<void> {
  return inSystem(ctx, async (transaction) => {
    const due = await transaction
      .select({ id: alertMessages.id, organizationId: alertMessages.organizationId })
      .from(alertMessages)
      .where(
        and(
          eq(alertMessages.state, 'pending'),
          lte(alertMessages.nextAttemptAt, new Date(ctx.clock())),
        ),
      )
      .orderBy(asc(alertMessages.nextAttemptAt))
      .limit(MAX_AT_ONCE);
    await addJobs(transaction, 'send-alert', due.map(sendingOf));
  });
}
