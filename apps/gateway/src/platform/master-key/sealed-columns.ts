import type { InferSelectModel } from 'drizzle-orm';
import { getTableColumns } from 'drizzle-orm';
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core';
import {
  apiKeys,
  idempotencyKeys,
  organizations,
  outboxMails,
  providerKeys,
  totpSecrets,
} from '../db/index.ts';
import { PURPOSES } from '../vault-purposes.ts';

export type Row = Readonly<Record<string, unknown>>;

/** A column whose values the vault has sealed. */
export interface SealedColumn {
  readonly table: PgTable;
  readonly column: PgColumn;
  /** What tells its rows apart. */
  readonly key: readonly PgColumn[];
  /** For what the value of a row was sealed. */
  readonly purposeOf: (row: Row) => string;
}

/**
 * Every one there is, but for the check of the master key itself: whoever changes the master key seals all of them anew.
 * `sealed-columns.test.ts` holds it against the schema.
 */
export const SEALED_COLUMNS: readonly SealedColumn[] = [
  sealed(totpSecrets, totpSecrets.secret, {
    key: [totpSecrets.userId],
    purposeOf: ({ userId }) => PURPOSES.totp(userId),
  }),
  ...[apiKeys.alertWebhookSecret, apiKeys.alertWebhookPreviousSecret].map((column) =>
    sealed(apiKeys, column, {
      key: [apiKeys.id],
      purposeOf: ({ id }) => PURPOSES.alertWebhook(id),
    }),
  ),
  ...[organizations.alertWebhookSecret, organizations.alertWebhookPreviousSecret].map((column) =>
    sealed(organizations, column, {
      key: [organizations.id],
      purposeOf: ({ id }) => PURPOSES.alertWebhook(id),
    }),
  ),
  sealed(providerKeys, providerKeys.secret, {
    key: [providerKeys.id],
    purposeOf: PURPOSES.providerKey,
  }),
  sealed(outboxMails, outboxMails.mail, {
    key: [outboxMails.id],
    purposeOf: ({ id }) => PURPOSES.mail(id),
  }),
  sealed(idempotencyKeys, idempotencyKeys.answer, {
    key: [idempotencyKeys.scope, idempotencyKeys.keyHash],
    purposeOf: ({ scope, keyHash }) => PURPOSES.idempotentAnswer(scope, keyHash),
  }),
];

function sealed<Table extends PgTable>(
  table: Table,
  column: PgColumn,
  by: {
    readonly key: readonly PgColumn[];
    readonly purposeOf: (row: InferSelectModel<Table>) => string;
  },
): SealedColumn {
  // Whoever asks for it has read the row from this very table.
  return { table, column, key: by.key, purposeOf: by.purposeOf as SealedColumn['purposeOf'] };
}

/** What a row of the table calls the column. */
export function propertyOf({ table }: SealedColumn, column: PgColumn): string {
  const [property] =
    Object.entries(getTableColumns(table)).find(([, each]) => each === column) ?? [];
  if (property === undefined) throw new Error('impossible: a column of another table');
  return property;
}
