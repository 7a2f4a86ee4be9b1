import type { Context } from '../../platform/context.ts';
import type { Secret } from '../../platform/secret.ts';
import { mintSigningSecret } from '../../platform/webhooks/index.ts';
import type { StoredKey } from './key.ts';

/** Where alerts go, and at which per cents of the cap. `null`: nowhere. */
export type AlertWebhook = {
  readonly url: string;
  /** `undefined`: as before. */
  readonly thresholds?: readonly number[] | undefined;
} | null;

type AlertColumns = Partial<
  Pick<StoredKey, 'alertWebhookUrl' | 'alertWebhookSecret' | 'alertThresholds'>
>;

export interface AlertChange {
  readonly columns: AlertColumns;
  /** Only when it is new. */
  readonly signingSecret: Secret | undefined;
}

/** What the vault seals the signing secret for. */
export const alertSecretPurpose = (keyId: string): string => `alert-webhook:${keyId}`;

/** Another URL gets another secret: who read the old one's could sign for the new one. */
export function changeAlerts(
  { vault }: Context,
  key: Pick<StoredKey, 'id' | 'alertWebhookUrl'>,
  webhook: AlertWebhook,
): AlertChange {
  if (webhook === null) {
    return {
      columns: { alertWebhookUrl: null, alertWebhookSecret: null },
      signingSecret: undefined,
    };
  }
  const { url, thresholds } = webhook;
  const alertThresholds =
    thresholds && Array.from(new Set(thresholds)).toSorted((one, other) => one - other);
  const shared = { alertWebhookUrl: url, ...(alertThresholds && { alertThresholds }) };
  if (url === key.alertWebhookUrl) return { columns: shared, signingSecret: undefined };
  const signingSecret = mintSigningSecret();
  const alertWebhookSecret = vault.seal(alertSecretPurpose(key.id), signingSecret.reveal());
  return { columns: { ...shared, alertWebhookSecret }, signingSecret };
}
