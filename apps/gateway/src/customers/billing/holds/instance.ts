import { and, eq, lt, ne, notExists, sql, type SQL } from 'drizzle-orm';
import {
  budgetLeases,
  gatewayInstances,
  inSystem,
  type Stored,
  type Transaction,
} from '../../../platform/db/index.ts';
import { Refusal } from '../../../platform/refusal.ts';
import { removeLeases } from './return-lease.ts';

/** One run of one gateway process, as the others see it. */
export interface Instance {
  readonly id: string;
  /** Of its data directory: where its journal is, whichever run wrote it. */
  readonly directoryId: string;
}

/** An instance that was not seen for so long is dead, and others give its leases back. */
const DEAD_AFTER_SECONDS = 40;

/** Says that this process lives. `false`: it is new, or it was taken for dead and its leases are gone. */
export function announceInstance(store: Stored, { id, directoryId }: Instance): Promise<boolean> {
  return inSystem(store, async (transaction) => {
    const seen = await transaction
      .update(gatewayInstances)
      .set({ seenAt: sql`now()` })
      .where(eq(gatewayInstances.id, id))
      .returning({ id: gatewayInstances.id });
    if (seen.length > 0) return true;
    await transaction
      .insert(gatewayInstances)
      .values({ id, directoryId, startedAt: sql`now()`, seenAt: sql`now()` });
    return false;
  });
}

/** Keeps the instance from being taken for dead until the transaction ends. */
export async function requireAlive(transaction: Transaction, instanceId: string): Promise<void> {
  const rows = await transaction
    .select({ id: gatewayInstances.id })
    .from(gatewayInstances)
    .where(eq(gatewayInstances.id, instanceId))
    .for('key share');
  if (rows.length > 0) return;
  throw new Refusal('service_unavailable', { retryAfterSeconds: 1 });
}

/** Ends what earlier runs on this data directory have set aside. Their journal has been applied by now. */
export const endPredecessors = (store: Stored, { id, directoryId }: Instance): Promise<number> =>
  endInstances(
    store,
    and(eq(gatewayInstances.directoryId, directoryId), ne(gatewayInstances.id, id)),
  );

/**
 * Ends what processes have set aside that are not seen any more. What they did and did not tell by then is charged when
 * it is told, as far as the limits leave room.
 */
export const endDead = (store: Stored): Promise<number> =>
  endInstances(
    store,
    lt(gatewayInstances.seenAt, sql`now() - make_interval(secs => ${DEAD_AFTER_SECONDS})`),
  );

/** At the end of a process, when its journal has been applied. */
export const endInstance = (store: Stored, { id }: Instance): Promise<number> =>
  endInstances(store, eq(gatewayInstances.id, id));

/** Whoever says that it lives meanwhile waits, and learns that it does not. */
function endInstances(store: Stored, which: SQL | undefined): Promise<number> {
  return inSystem(store, async (transaction) => {
    await transaction.delete(gatewayInstances).where(which);
    return removeLeases(
      transaction,
      notExists(
        transaction
          .select({ id: gatewayInstances.id })
          .from(gatewayInstances)
          .where(eq(gatewayInstances.id, budgetLeases.instanceId)),
      ),
    );
  });
}
