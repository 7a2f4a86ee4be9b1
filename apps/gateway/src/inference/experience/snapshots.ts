import { desc, eq, lt } from 'drizzle-orm';
import { routingSnapshots, type Transaction } from '../../platform/db/index.ts';
import { stateFromBytes, stateToBytes, type BookPage } from '../routing/index.ts';

/** Entries of the log between two snapshots: what a start has to read at most. */
export const SNAPSHOT_EVERY = 500;

export interface Snapshot {
  /** Of the last entry in it. */
  readonly position: number;
  readonly pages: readonly BookPage[];
}

/** Keeps the one before, too: for a gateway of another version that cannot read this one. */
export async function writeSnapshot(
  transaction: Transaction,
  { position, pages }: Snapshot,
  snapshotEvery: number,
): Promise<void> {
  await transaction.insert(routingSnapshots).values(
    pages.map(({ modelId, state, suspicion, trustedFrom }) => ({
      position,
      modelId,
      state: Buffer.from(stateToBytes(state)),
      suspicion,
      trustedFrom,
    })),
  );
  await transaction
    .delete(routingSnapshots)
    .where(lt(routingSnapshots.position, position - snapshotEvery));
}

/** The newest one that this version of the gateway can read; `undefined`: the log is all there is. */
export async function readSnapshot(transaction: Transaction): Promise<Snapshot | undefined> {
  const positions = await transaction
    .selectDistinct({ position: routingSnapshots.position })
    .from(routingSnapshots)
    .orderBy(desc(routingSnapshots.position));
  for (const { position } of positions) {
    const rows = await transaction
      .select()
      .from(routingSnapshots)
      .where(eq(routingSnapshots.position, position))
      .orderBy(routingSnapshots.modelId);
    const pages = rows.flatMap(({ modelId, state: bytes, suspicion, trustedFrom }) => {
      const state = stateFromBytes(bytes);
      return state ? [{ modelId, state, suspicion, trustedFrom }] : [];
    });
    if (pages.length === rows.length) return { position, pages };
  }
  return undefined;
}
