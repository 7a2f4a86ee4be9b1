import { eq, sql } from 'drizzle-orm';
import { recordDeed } from '../audit.ts';
import type { Context } from '../context.ts';
import {
  cachedAnswers,
  gatewayInstances,
  inSystem,
  vaultChecks,
  type Transaction,
} from '../db/index.ts';
import { PURPOSES } from '../vault-purposes.ts';
import type { Vault } from '../vault.ts';
import { CHECK_TEXT, opensCheck, readChecks } from './check-master-key.ts';
import { MasterKeyProblem } from './problem.ts';
import { sealColumnAnew, type Tally, type Vaults } from './seal-anew.ts';
import { SEALED_COLUMNS } from './sealed-columns.ts';

export interface RotationOptions {
  /** Under the old master key. `undefined`: it is lost. */
  readonly from: Vault | undefined;
  /** After each part of the work; what it throws breaks the rotation off. */
  readonly onBatch?: () => void;
}

export type Rotation =
  | { readonly kind: 'rotated'; readonly columns: readonly Tally[] }
  /** An earlier run has finished. */
  | { readonly kind: 'nothing-to-do' };

/**
 * Seals everything in the database under the new master key, that of `ctx`. No gateway may run: `openDatabase` has locked them out by then, and
 * those that have lost their lock are noticed here. When it is broken off, gateways refuse to start until it was run again.
 */
export async function rotateMasterKey(
  ctx: Context,
  { from, onBatch = () => undefined }: RotationOptions,
): Promise<Rotation> {
  const to = ctx.vault;
  const isDone = await inSystem(ctx, async (transaction) => {
    await refuseWhileGatewaysRun(transaction);
    return begin(transaction, { from, to });
  });
  if (isDone) return { kind: 'nothing-to-do' };
  onBatch();
  const columns: Tally[] = [];
  for (const sealed of SEALED_COLUMNS) {
    columns.push(await sealColumnAnew(ctx, { from, to }, sealed, onBatch));
    onBatch();
  }
  await finish(ctx, columns);
  return { kind: 'rotated', columns };
}

/** A gateway says every few seconds that it is there, and takes itself off when it ends. */
const SILENT_SECONDS = 60;

async function refuseWhileGatewaysRun(transaction: Transaction): Promise<void> {
  const seen = sql`${gatewayInstances.seenAt} > now() - make_interval(secs => ${SILENT_SECONDS})`;
  if ((await transaction.$count(gatewayInstances, seen)) === 0) return;
  throw new MasterKeyProblem(
    `A gateway that uses this database was there within the last ${SILENT_SECONDS} seconds. Stop all of them; after one was killed, wait so long.`,
  );
}

/** Says in the database that a rotation is under way, and to which key. `true`: it was finished. */
async function begin(transaction: Transaction, { from, to }: Vaults): Promise<boolean> {
  const { current, next } = await readChecks(transaction);
  if (next !== undefined && !opensCheck(to, next)) {
    throw new MasterKeyProblem(
      'A change to another new key was not finished. Run it again with that one first.',
    );
  }
  if (current !== undefined && next === undefined && opensCheck(to, current)) return true;
  if (current !== undefined && from !== undefined && !opensCheck(from, current)) {
    throw new MasterKeyProblem(
      'The old key is not the one under which the database is sealed. Give the right one, or --old-key-is-lost.',
    );
  }
  if (next === undefined) {
    const sealed = to.seal(PURPOSES.check, CHECK_TEXT);
    await transaction.insert(vaultChecks).values({ name: 'next', sealed });
  }
  return false;
}

function finish(ctx: Context, columns: readonly Tally[]): Promise<void> {
  const sealed = ctx.vault.seal(PURPOSES.check, CHECK_TEXT);
  return inSystem(ctx, async (transaction) => {
    await transaction
      .insert(vaultChecks)
      .values({ name: 'current', sealed })
      .onConflictDoUpdate({ target: vaultChecks.name, set: { sealed } });
    await transaction.delete(vaultChecks).where(eq(vaultChecks.name, 'next'));
    // They are found by digests that are keyed by the master key: nobody would find them again.
    await transaction.delete(cachedAnswers);
    await recordDeed(transaction, ctx, {
      action: 'master_key.rotate',
      subject: 'master-key',
      organizationId: null,
      details: { columns: columns.map((tally) => ({ ...tally })) },
    });
  });
}
