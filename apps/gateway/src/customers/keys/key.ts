import type { NanoUsd } from '@sealgate/contract';
import { getTableColumns } from 'drizzle-orm';
import { apiKeys } from '../../platform/db/index.ts';

export type StoredKey = typeof apiKeys.$inferSelect;

/** A key as its organization sees it: everything but secrets. */
export type ListedKey = Omit<
  StoredKey,
  | 'secretHash'
  | 'previousSecretHash'
  | 'alertWebhookSecret'
  | 'alertWebhookPreviousSecret'
  | 'alertWebhookPreviousSecretEndsAt'
>;

export type KeyInUse = ListedKey & { readonly spendThisMonthNano: NanoUsd };

export interface KeyReference {
  readonly organizationId: string;
  readonly id: string;
}

export type KeyStatus = 'active' | 'expired' | 'revoked';

const {
  secretHash: _secretHash,
  previousSecretHash: _previousSecretHash,
  alertWebhookSecret: _alertWebhookSecret,
  alertWebhookPreviousSecret: _alertWebhookPreviousSecret,
  alertWebhookPreviousSecretEndsAt: _alertWebhookPreviousSecretEndsAt,
  ...shown
} = getTableColumns(apiKeys);

export const SHOWN_COLUMNS = shown;

export function statusOf(
  { revokedAt, expiresAt }: Pick<ListedKey, 'revokedAt' | 'expiresAt'>,
  nowMs: number,
): KeyStatus {
  if (revokedAt !== null) return 'revoked';
  return (expiresAt?.getTime() ?? Infinity) <= nowMs ? 'expired' : 'active';
}
