import { alertMessages, alerts, type Transaction } from '../../../platform/db/index.ts';
import { addJobs } from '../../../platform/jobs/index.ts';
import { eventOf } from './event.ts';
import { findDue, type DueAlert } from './find-due.ts';
import { mailAlerts } from './mail-alerts.ts';
import type { Deciding, Touched } from './touched.ts';

/**
 * Decides which alerts are due, each once, and that they are sent: if and only if the transaction is committed. To be called
 * after budgets and wallets were changed, by whoever holds the wallets of their organizations. Usually it is one statement.
 * Returns what was raised.
 */
export async function raiseAlerts(
  transaction: Transaction,
  deciding: Deciding,
  touched: Touched,
): Promise<readonly DueAlert[]> {
  if (touched.budgets.length === 0 && touched.wallets.length === 0) return [];
  const now = new Date(deciding.clock());
  const due = await findDue(transaction, touched, now);
  if (due.length === 0) return [];
  const raised = await keepAlerts(transaction, deciding, due);
  await enqueueMessages(transaction, deciding, raised);
  await mailAlerts(transaction, deciding, raised);
  return raised;
}

/** Whoever comes second, also at the same time, has nothing to tell. */
async function keepAlerts(
  transaction: Transaction,
  { clock, newId }: Deciding,
  due: readonly DueAlert[],
): Promise<readonly DueAlert[]> {
  const raisedAt = new Date(clock());
  const drafts = due.map((alert) => ({ alert, id: newId('alert') }));
  const kept = await transaction
    .insert(alerts)
    .values(drafts.map(({ alert, id }) => ({ id, raisedAt, ...columnsOf(alert) })))
    .onConflictDoNothing()
    .returning({ id: alerts.id });
  const ids = new Set(kept.map(({ id }) => id));
  return drafts.filter(({ id }) => ids.has(id)).map(({ alert }) => alert);
}

function columnsOf(alert: DueAlert) {
  const { organizationId, scope, limitNano } = alert;
  if (scope === 'wallet') {
    return {
      organizationId,
      scope,
      subject: organizationId,
      limitNano,
      amountNano: alert.balanceNano,
    };
  }
  const { subject, month, threshold, spentNano } = alert;
  return { organizationId, scope, subject, month, threshold, limitNano, amountNano: spentNano };
}

async function enqueueMessages(
  transaction: Transaction,
  { clock, newId }: Deciding,
  raised: readonly DueAlert[],
): Promise<void> {
  const now = new Date(clock());
  const messages = raised.flatMap((alert) => {
    if (alert.webhook === undefined) return [];
    const event = eventOf(alert, now);
    return {
      id: newId('webhookMessage'),
      organizationId: alert.organizationId,
      keyId: alert.webhook.keyId,
      type: event.type,
      body: JSON.stringify(event),
      createdAt: now,
      nextAttemptAt: now,
    };
  });
  if (messages.length === 0) return;
  await transaction.insert(alertMessages).values(messages);
  await addJobs(transaction, 'send-alert', messages.map(sendingOf));
}

/** One job for each message, however often it is asked for. */
export const sendingOf = (message: { readonly id: string; readonly organizationId: string }) => ({
  payload: { organizationId: message.organizationId, messageId: message.id },
  key: `send-alert:${message.id}`,
});
