import { and, eq, lte } from 'drizzle-orm';
import { recordDeed } from '../../../../platform/audit.ts';
import type { Context } from '../../../../platform/context.ts';
import { alertMessages, inTenant, type Transaction } from '../../../../platform/db/index.ts';
import {
  givesUpAt,
  nextTryAt,
  type Delivery,
  type WebhookSender,
} from '../../../../platform/webhooks/index.ts';
import { keepDelivery } from './deliveries.ts';
import { findWebhook, removeWebhook } from './find-webhook.ts';
import { hasWebhook, openWebhook, type WithWebhook } from './webhook.ts';

type StoredMessage = typeof alertMessages.$inferSelect;

export interface AlertSending {
  readonly webhooks: WebhookSender;
  readonly random: () => number;
  readonly onTry: (outcome: Delivery['kind'] | 'given-up') => void;
}

export interface MessageReference {
  readonly organizationId: string;
  readonly messageId: string;
}

/** A message that is being tried. */
interface Try {
  readonly message: StoredMessage;
  readonly attempt: number;
  readonly owner: WithWebhook;
  /** `undefined`: this is the last. */
  readonly nextAttemptAt: Date | undefined;
}

const GONE = 410;
/** After which somebody looks whether a last try has ended. */
const LAST_LOOK_MS = 60_000;

/**
 * Tries a message once, if it is due. The try after this one is decided on before: whoever dies in between, or cannot store
 * how it ended, leaves a message that is sent again with the same id.
 */
export async function sendAlert(
  ctx: Context,
  sending: AlertSending,
  reference: MessageReference,
): Promise<void> {
  const started = await inTenant(ctx, reference.organizationId, (transaction) =>
    startTry(transaction, ctx, { ...reference, random: sending.random }),
  );
  if (started === 'given-up') sending.onTry('given-up');
  if (started === undefined || started === 'given-up') return;
  const { message, owner } = started;
  const sentAtMs = ctx.clock();
  // Not before the try is on its way: secrets that open no more must not keep a message for ever.
  const { url, secrets } = openWebhook(ctx, owner);
  const delivery = await sending.webhooks.send(
    url,
    { id: message.id, sentAtMs, body: message.body },
    secrets,
  );
  const isOver = await inTenant(ctx, reference.organizationId, (transaction) =>
    endTry(transaction, ctx, { ...started, url, delivery, sentAtMs }),
  );
  sending.onTry(delivery.kind);
  if (isOver && delivery.kind !== 'delivered') sending.onTry('given-up');
}

async function startTry(
  transaction: Transaction,
  ctx: Context,
  { organizationId, messageId, random }: MessageReference & Pick<AlertSending, 'random'>,
): Promise<Try | 'given-up' | undefined> {
  const nowMs = ctx.clock();
  const isThis = and(
    eq(alertMessages.id, messageId),
    eq(alertMessages.organizationId, organizationId),
  );
  const [message] = await transaction
    .select()
    .from(alertMessages)
    .where(
      and(
        isThis,
        eq(alertMessages.state, 'pending'),
        lte(alertMessages.nextAttemptAt, new Date(nowMs)),
      ),
    )
    .for('update');
  if (message === undefined) return undefined;
  const change = (columns: Partial<StoredMessage>) =>
    transaction.update(alertMessages).set(columns).where(isThis);
  const owner = await findWebhook(transaction, message);
  if (owner === undefined || !hasWebhook(owner)) {
    await change({ state: 'withdrawn' });
    return undefined;
  }
  const createdAtMs = message.createdAt.getTime();
  if (message.attempts > 0 && nowMs >= givesUpAt(createdAtMs)) {
    await change({ state: 'failed' });
    return 'given-up';
  }
  const attempt = message.attempts + 1;
  const nextAtMs = nextTryAt({ createdAtMs, attempts: attempt, nowMs, random });
  const nextAttemptAt = nextAtMs === undefined ? undefined : new Date(nextAtMs);
  await change({
    attempts: attempt,
    nextAttemptAt: nextAttemptAt ?? new Date(nowMs + LAST_LOOK_MS),
  });
  return { message, attempt, owner, nextAttemptAt };
}

interface EndedTry extends Try {
  readonly url: string;
  readonly delivery: Delivery;
  readonly sentAtMs: number;
}

/** Says whether there will be no other. */
async function endTry(transaction: Transaction, ctx: Context, ended: EndedTry): Promise<boolean> {
  const { message, delivery, attempt, sentAtMs } = ended;
  const isGone = delivery.kind === 'not-accepted' && delivery.status === GONE;
  const nextAttemptAt = isGone || delivery.kind === 'delivered' ? undefined : ended.nextAttemptAt;
  await keepDelivery(transaction, ctx, { message, delivery, attempt, sentAtMs, nextAttemptAt });
  if (nextAttemptAt !== undefined) return false;
  await transaction
    .update(alertMessages)
    .set({ state: delivery.kind === 'delivered' ? 'delivered' : 'failed' })
    .where(
      and(
        eq(alertMessages.id, message.id),
        eq(alertMessages.organizationId, message.organizationId),
        eq(alertMessages.state, 'pending'),
      ),
    );
  if (isGone) await obey(transaction, ctx, ended);
  return true;
}

/** The receiver wants no more events, this one and all others. */
async function obey(
  transaction: Transaction,
  ctx: Context,
  { message, url }: EndedTry,
): Promise<void> {
  if (!(await removeWebhook(transaction, message, url))) return;
  await recordDeed(transaction, ctx, {
    action: message.keyId === null ? 'organization.end-alert-webhook' : 'key.end-alert-webhook',
    subject: message.keyId ?? message.organizationId,
    organizationId: message.organizationId,
    details: { reason: 'The receiver answered 410 Gone.', messageId: message.id },
  });
}
