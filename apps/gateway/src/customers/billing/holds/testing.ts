import { nanoUsd, type NanoUsd } from '@sealgate/contract';
import { and, eq, sql } from 'drizzle-orm';
import type { Context } from '../../../platform/context.ts';
import {
  budgets,
  gatewayInstances,
  inTenant,
  memberships,
  organizations,
  wallets,
} from '../../../platform/db/index.ts';
import { createTestDatabase, type TestDatabase } from '../../../platform/db/testing.ts';
import { newId } from '../../../platform/ids.ts';
import { testContext } from '../../../platform/testing-context.ts';
import { insertKey } from '../../keys/create.ts';
import { plantOrganization } from '../../organizations/testing.ts';
import { settleGenerations } from '../settlement/settle-generations.ts';
import { testGeneration } from '../testing.ts';
import { printGeneration } from '../usage/print-generation.ts';
import type { Hold } from './hold.ts';
import {
  openHoldKeeper,
  type HoldKeeper,
  type HoldKeeperOptions,
  type Payer,
} from './hold-keeper.ts';

const NOW_MS = Date.UTC(2026, 0, 15);

/** One gateway process with its journal: what was settled and is not in the database yet. */
export interface TestProcess {
  readonly keeper: HoldKeeper;
  readonly instanceId: string;
  readonly directoryId: string;
  readonly time: { nowMs: number; monotonicMs: number };
  readonly journal: string[];
  take(payer: Payer, amount: bigint): Promise<Hold>;
  /** Ends a request that costs this much; returns what is charged. */
  settle(payer: Payer, hold: Hold, cost: bigint): NanoUsd;
  flush(): Promise<void>;
}

export interface Limits {
  readonly wallet?: bigint;
  readonly organization?: bigint;
  readonly member?: bigint;
  readonly key?: bigint;
}

export interface ProcessOptions {
  readonly directoryId?: string;
  /** What an earlier run on the same directory has left. */
  readonly journal?: string[];
  readonly database?: HoldKeeperOptions['database'];
}

/** Gateway processes, and organizations that pay for what they do, on one real database. */
export class HoldWorld {
  readonly database: TestDatabase;
  readonly #ctx: Context;
  readonly #processes = new Set<TestProcess>();

  constructor(database: TestDatabase) {
    this.database = database;
    this.#ctx = testContext(database, { clock: () => NOW_MS });
  }

  static async create(): Promise<HoldWorld> {
    return new HoldWorld(await createTestDatabase());
  }

  async start(options: ProcessOptions = {}): Promise<TestProcess> {
    const { directoryId = newId('instance'), journal = [], database = this.database } = options;
    const instanceId = newId('instance');
    const time = { nowMs: NOW_MS, monotonicMs: 0 };
    const flush = async (): Promise<void> => {
      const lines = journal.slice();
      await settleGenerations({ ...this.#ctx, store: database.store }, lines);
      journal.splice(0, lines.length);
    };
    const keeper = await openHoldKeeper({
      database,
      instance: { id: instanceId, directoryId },
      newLeaseId: () => newId('lease'),
      clock: () => time.nowMs,
      // Patience is real; everything longer passes when a test says so.
      monotonicMs: () => time.monotonicMs + performance.now(),
      flush,
      log: { warn: () => undefined },
    });
    // The first look runs already: a test that asks for one is to get one of its own.
    await keeper.tend();
    const take = async (payer: Payer, amount: bigint): Promise<Hold> =>
      keeper.take(payer, nanoUsd(amount));
    const settle = ({ organizationId, keyId, userId }: Payer, hold: Hold, cost: bigint) => {
      const costNano = hold.settle(nanoUsd(cost));
      const { month, leaseId } = hold;
      const changes = { keyId, userId, month, leaseId, costNano, id: newId('generation') };
      journal.push(printGeneration(testGeneration(organizationId, changes)));
      return costNano;
    };
    const process = { keeper, instanceId, directoryId, time, journal, take, settle, flush };
    this.#processes.add(process);
    return process;
  }

  /** As if nobody had heard of it for a minute. */
  async silence({ instanceId }: TestProcess): Promise<void> {
    await this.database.admin
      .update(gatewayInstances)
      .set({ seenAt: sql`now() - interval '60 seconds'` })
      .where(eq(gatewayInstances.id, instanceId));
  }

  async stopProcesses(): Promise<void> {
    for (const { keeper } of this.#processes) await keeper.close();
    this.#processes.clear();
  }

  async close(): Promise<void> {
    await this.stopProcesses();
    await this.database.close();
  }

  /** A new organization with one member and one of the member’s keys. */
  async plantPayer({ wallet = 10n ** 12n, ...limits }: Limits = {}): Promise<Payer> {
    const { admin } = this.database;
    const { id: organizationId } = await plantOrganization(this.#ctx, nanoUsd(wallet));
    const userId = newId('user');
    await admin.insert(memberships).values({
      id: newId('membership'),
      organizationId,
      userId,
      role: 'owner',
      monthlySpendQuotaNano: limits.member ?? null,
    });
    await admin
      .update(organizations)
      .set({ monthlySpendQuotaNano: limits.organization ?? null })
      .where(eq(organizations.id, organizationId));
    return this.plantKey({ organizationId, userId, timeZone: 'UTC', keyId: '' }, limits.key);
  }

  /** Another key of the same member. */
  async plantKey(payer: Payer, cap?: bigint): Promise<Payer> {
    const { organizationId, userId = '' } = payer;
    const actor = { kind: 'user', userId, sessionId: '', organizationId, role: 'owner' } as const;
    const monthlySpendCapNano = cap === undefined ? null : nanoUsd(cap);
    const { key } = await inTenant(this.database, organizationId, (transaction) =>
      insertKey(
        transaction,
        { ...this.#ctx, actor },
        { organizationId, name: 'test', monthlySpendCapNano },
      ),
    );
    return { ...payer, keyId: key.id };
  }

  async heldOf({ organizationId }: Payer): Promise<bigint> {
    return (await this.walletOf(organizationId)).heldNano;
  }

  async walletOf(organizationId: string): Promise<typeof wallets.$inferSelect> {
    const [wallet] = await this.database.admin
      .select()
      .from(wallets)
      .where(eq(wallets.organizationId, organizationId));
    if (wallet === undefined) throw new Error('there is no such wallet');
    return wallet;
  }

  /** By the key, in all months. */
  async spentOf({ organizationId, keyId }: Payer): Promise<bigint> {
    const rows = await this.database.admin
      .select()
      .from(budgets)
      .where(and(eq(budgets.organizationId, organizationId), eq(budgets.subject, keyId)));
    return rows.reduce((sum, { spentNano }) => sum + spentNano, 0n);
  }
}
