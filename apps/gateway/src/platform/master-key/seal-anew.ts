import { and, asc, eq, getTableName, isNotNull, sql, type SQL } from 'drizzle-orm';
import { inSystem, type Stored, type Transaction } from '../db/index.ts';
import type { Secret } from '../secret.ts';
import type { Vault } from '../vault.ts';
import { propertyOf, type Row, type SealedColumn } from './sealed-columns.ts';

export interface Vaults {
  /** `undefined`: the old master key is lost. */
  readonly from: Vault | undefined;
  readonly to: Vault;
}

/** What became of the values of a column. */
export interface Tally {
  readonly table: string;
  readonly column: string;
  resealed: number;
  /** Sealed under the new master key already, by a run that was broken off. */
  skipped: number;
  /** They open with neither key, and stay as they are. */
  unreadable: number;
}

const BATCH_ROWS = 100;

/** Batch by batch, each in a transaction of its own. Whoever breaks it off begins again, and finds what is done. */
export async function sealColumnAnew(
  store: Stored,
  vaults: Vaults,
  sealed: SealedColumn,
  onBatch: () => void,
): Promise<Tally> {
  const { table, column } = sealed;
  const tally: Tally = {
    table: getTableName(table),
    column: column.name,
    resealed: 0,
    skipped: 0,
    unreadable: 0,
  };
  for (let last: Row | undefined; ;) {
    const rows = await inSystem(store, async (transaction) => {
      const batch = await takeBatch(transaction, sealed, last);
      for (const row of batch) await sealRow(transaction, { vaults, sealed, row, tally });
      return batch;
    });
    if (rows.length < BATCH_ROWS) return tally;
    last = rows.at(-1);
    onBatch();
  }
}

/** The next rows in the order of the key, held until the transaction ends. */
async function takeBatch(
  transaction: Transaction,
  sealed: SealedColumn,
  last: Row | undefined,
): Promise<readonly Row[]> {
  const { table, column, key } = sealed;
  return transaction
    .select()
    .from(table)
    .where(and(isNotNull(column), last && isAfter(sealed, last)))
    .orderBy(...key.map((part) => asc(part)))
    .limit(BATCH_ROWS)
    .for('update');
}

function isAfter(sealed: SealedColumn, last: Row): SQL {
  const { key } = sealed;
  const values = key.map((part) => sql`${sql.param(last[propertyOf(sealed, part)], part)}`);
  return sql`(${sql.join([...key], sql`, `)}) > (${sql.join(values, sql`, `)})`;
}

interface Sealing {
  readonly vaults: Vaults;
  readonly sealed: SealedColumn;
  readonly row: Row;
  readonly tally: Tally;
}

async function sealRow(
  transaction: Transaction,
  { vaults, sealed, row, tally }: Sealing,
): Promise<void> {
  const property = propertyOf(sealed, sealed.column);
  const value = row[property];
  if (!(value instanceof Uint8Array)) throw new Error('impossible: a sealed value is bytes');
  const purpose = sealed.purposeOf(row);
  if (openWith(vaults.to, purpose, value)) {
    tally.skipped += 1;
    return;
  }
  const secret = vaults.from && openWith(vaults.from, purpose, value);
  if (secret === undefined) {
    tally.unreadable += 1;
    return;
  }
  const isThis = sealed.key.map((part) => eq(part, row[propertyOf(sealed, part)]));
  await transaction
    .update(sealed.table)
    .set({ [property]: vaults.to.seal(purpose, secret.reveal()) })
    .where(and(...isThis));
  tally.resealed += 1;
}

export function openWith(vault: Vault, purpose: string, value: Uint8Array): Secret | undefined {
  try {
    return vault.open(purpose, value);
  } catch {
    return undefined;
  }
}
