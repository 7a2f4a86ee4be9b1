import type { Context } from '../../../../platform/context.ts';
import type { organizations } from '../../../../platform/db/index.ts';
import type { Secret } from '../../../../platform/secret.ts';
import { PURPOSES } from '../../../../platform/vault-purposes.ts';
import { mintSigningSecret } from '../../../../platform/webhooks/index.ts';

type WebhookColumns = Pick<
  typeof organizations.$inferSelect,
  | 'alertWebhookUrl'
  | 'alertWebhookSecret'
  | 'alertWebhookPreviousSecret'
  | 'alertWebhookPreviousSecretEndsAt'
>;

/** A key or an organization, as far as alerts are sent for it. */
export type WebhookOwner = WebhookColumns & { readonly id: string };

/** Where alerts go. `null`: nowhere. */
export type AlertWebhook = {
  readonly url: string;
  /** A new secret also for the same URL. */
  readonly isSecretRotated?: boolean;
} | null;

export interface ChangedWebhook {
  readonly columns: Partial<WebhookColumns>;
  /** Only when it is new. */
  readonly signingSecret: Secret | undefined;
}

/** How long events are signed with a rotated secret too. */
const OVERLAP_MS = 24 * 60 * 60_000;

export const NO_WEBHOOK = {
  alertWebhookUrl: null,
  alertWebhookSecret: null,
  alertWebhookPreviousSecret: null,
  alertWebhookPreviousSecretEndsAt: null,
} as const;

/** Another URL gets another secret, at once: who read the old one's could sign for the new one. */
export function changeWebhook(
  { vault, clock }: Pick<Context, 'vault' | 'clock'>,
  owner: WebhookOwner,
  webhook: AlertWebhook,
): ChangedWebhook {
  if (webhook === null) return { columns: NO_WEBHOOK, signingSecret: undefined };
  const isSame = webhook.url === owner.alertWebhookUrl;
  if (isSame && webhook.isSecretRotated !== true) return { columns: {}, signingSecret: undefined };
  const signingSecret = mintSigningSecret();
  const columns = {
    alertWebhookUrl: webhook.url,
    alertWebhookSecret: vault.seal(PURPOSES.alertWebhook(owner.id), signingSecret.reveal()),
    alertWebhookPreviousSecret: isSame ? owner.alertWebhookSecret : null,
    alertWebhookPreviousSecretEndsAt: isSame ? new Date(clock() + OVERLAP_MS) : null,
  };
  return { columns, signingSecret };
}

/** An owner that has one. */
export type WithWebhook = WebhookOwner & {
  readonly alertWebhookUrl: string;
  readonly alertWebhookSecret: Buffer;
};

export const hasWebhook = (owner: WebhookOwner): owner is WithWebhook =>
  owner.alertWebhookUrl !== null && owner.alertWebhookSecret !== null;

/** Where an event goes and what it is signed with, the newest secret first. */
export function openWebhook(
  { vault, clock }: Pick<Context, 'vault' | 'clock'>,
  owner: WithWebhook,
): { readonly url: string; readonly secrets: readonly Secret[] } {
  const { alertWebhookUrl: url, alertWebhookSecret, alertWebhookPreviousSecret: previous } = owner;
  const isPreviousGood = (owner.alertWebhookPreviousSecretEndsAt?.getTime() ?? 0) > clock();
  const sealed = isPreviousGood && previous ? [alertWebhookSecret, previous] : [alertWebhookSecret];
  return {
    url,
    secrets: sealed.map((secret) => vault.open(PURPOSES.alertWebhook(owner.id), secret)),
  };
}

export const sortThresholds = (thresholds: readonly number[]): number[] =>
  [...new Set(thresholds)].toSorted((one, other) => one - other);
