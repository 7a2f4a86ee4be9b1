import { and, desc, eq, isNull, lt } from 'drizzle-orm';
import type { Context } from '../../../../platform/context.ts';
import { alertDeliveries, type Transaction } from '../../../../platform/db/index.ts';
import { cutPage, type Page, type PageRequest } from '../../../../platform/page.ts';
import type { Delivery } from '../../../../platform/webhooks/index.ts';
import type { WebhookReference } from './find-webhook.ts';

export type AlertDelivery = typeof alertDeliveries.$inferSelect;

export interface DeliveryToKeep {
  readonly message: WebhookReference & { readonly id: string; readonly type: string };
  readonly delivery: Delivery;
  readonly attempt: number;
  readonly sentAtMs: number;
  /** `undefined`: it is not tried again. */
  readonly nextAttemptAt: Date | undefined;
}

/** How long it took is kept of answers only: of failures it would tell how far inside a name leads. */
export async function keepDelivery(
  transaction: Transaction,
  { newId, clock }: Pick<Context, 'newId' | 'clock'>,
  { message, delivery, attempt, sentAtMs, nextAttemptAt }: DeliveryToKeep,
): Promise<void> {
  const isAnswered = 'status' in delivery;
  await transaction.insert(alertDeliveries).values({
    id: newId('alertDelivery'),
    organizationId: message.organizationId,
    keyId: message.keyId,
    messageId: message.id,
    type: message.type,
    attempt,
    outcome: delivery.kind,
    status: isAnswered ? delivery.status : null,
    durationMs: isAnswered ? clock() - sentAtMs : null,
    attemptedAt: new Date(sentAtMs),
    nextAttemptAt: nextAttemptAt ?? null,
  });
}

/** The latest first. */
export async function listDeliveries(
  transaction: Transaction,
  { organizationId, keyId }: WebhookReference,
  page: PageRequest,
): Promise<Page<AlertDelivery>> {
  const rows = await transaction
    .select()
    .from(alertDeliveries)
    .where(
      and(
        eq(alertDeliveries.organizationId, organizationId),
        keyId === null ? isNull(alertDeliveries.keyId) : eq(alertDeliveries.keyId, keyId),
        page.after === undefined ? undefined : lt(alertDeliveries.id, page.after),
      ),
    )
    .orderBy(desc(alertDeliveries.id))
    .limit(page.limit + 1);
  return cutPage(rows, page);
}
