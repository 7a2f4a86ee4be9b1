import { and, eq, isNull } from 'drizzle-orm';
import { apiKeys, organizations, type Transaction } from '../../../../platform/db/index.ts';
import { NO_WEBHOOK, type WebhookOwner } from './webhook.ts';

/** Whose webhook: a key's, or without one the organization's. */
export interface WebhookReference {
  readonly organizationId: string;
  readonly keyId: string | null;
}

/** `undefined`: there is no such key or organization any more. */
export async function findWebhook(
  transaction: Transaction,
  { organizationId, keyId }: WebhookReference,
): Promise<WebhookOwner | undefined> {
  const rows =
    keyId === null
      ? transaction
          .select()
          .from(organizations)
          .where(and(eq(organizations.id, organizationId), isNull(organizations.deletedAt)))
      : transaction
          .select()
          .from(apiKeys)
          .where(and(eq(apiKeys.id, keyId), eq(apiKeys.organizationId, organizationId)));
  const [owner] = await rows;
  return owner;
}

/** Unless it is another one by now. Says whether it was taken away. */
export async function removeWebhook(
  transaction: Transaction,
  { organizationId, keyId }: WebhookReference,
  url: string,
): Promise<boolean> {
  const removing =
    keyId === null
      ? transaction
          .update(organizations)
          .set(NO_WEBHOOK)
          .where(and(eq(organizations.id, organizationId), eq(organizations.alertWebhookUrl, url)))
      : transaction
          .update(apiKeys)
          .set(NO_WEBHOOK)
          .where(
            and(
              eq(apiKeys.id, keyId),
              eq(apiKeys.organizationId, organizationId),
              eq(apiKeys.alertWebhookUrl, url),
            ),
          );
  return ((await removing).rowCount ?? 0) > 0;
}
