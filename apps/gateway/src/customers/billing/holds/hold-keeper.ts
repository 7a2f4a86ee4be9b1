import type { NanoUsd } from '@sealgate/contract';
import type { Logger } from 'pino';
import type { Clock } from '../../../platform/clock.ts';
import { subscribe, type Database } from '../../../platform/db/index.ts';
import { freeHold, type Hold } from './hold.ts';
import {
  announceInstance,
  endDead,
  endInstance,
  endPredecessors,
  type Instance,
} from './instance.ts';
import { LeaseAccount, type LeaseDesk } from './lease-account.ts';
import { monthAt, type Month } from '../../../platform/month.ts';
import { BUDGET_CHANNEL, endLeases, returnPart } from './return-lease.ts';
import { takeLease } from './take-lease.ts';

/** Who pays for a request. */
export interface Payer {
  readonly organizationId: string;
  /** Of the organization: its months begin there. */
  readonly timeZone: string;
  readonly keyId: string;
  /** The member for whom the key acts; `undefined`: an operator made it. */
  readonly userId: string | undefined;
}

export interface HoldKeeper {
  /**
   * Sets aside the most that a request can cost: at once while this process has a lease that covers it. Throws the
   * `Refusal` that tells which limit is in the way, or `service_unavailable` when the database is needed and away.
   */
  take(payer: Payer, amountNano: NanoUsd): Hold | Promise<Hold>;
  /** Looks after leases now, not when the timer says so. */
  tend(): Promise<void>;
  /** Gives everything back. Whatever was admitted must be settled by then. */
  close(): Promise<void>;
}

export interface HoldKeeperOptions {
  readonly database: Pick<Database, 'store' | 'pool' | 'createClient'>;
  readonly instance: Instance;
  readonly newLeaseId: () => string;
  readonly clock: Clock;
  /** Never goes back, whatever happens to the clock. */
  readonly monotonicMs: () => number;
  /** Resolves when everything that was settled before is in the database; rejects when that fails now. */
  readonly flush: () => Promise<void>;
  readonly log: Pick<Logger, 'warn'>;
}

const TEND_EVERY_MS = 5_000;
/** A lease that nobody has used for so long is given back. */
const IDLE_MS = 5_000;
/** Well before others take this process for dead (`instance.ts`). */
const ALIVE_FOR_MS = 25_000;

/** Resolves when the database knows this process. */
export async function openHoldKeeper(options: HoldKeeperOptions): Promise<HoldKeeper> {
  const keeper = new LeaseKeeper(options);
  await keeper.open();
  return keeper;
}

class LeaseKeeper implements HoldKeeper {
  readonly #options: HoldKeeperOptions;
  readonly #desk: LeaseDesk;
  readonly #subscription: ReturnType<typeof subscribe>;
  readonly #accounts = new Map<string, LeaseAccount>();
  readonly #months = new Map<string, Month>();
  /** Of months that are over. */
  #closing: LeaseAccount[] = [];
  /** Not used any more, and not yet ended in the database. */
  readonly #retired = new Map<string, string[]>();
  #aliveUntilMs = 0;
  #reviving: Promise<void> | undefined;
  #tending: Promise<void> | undefined;
  #hasPredecessors = true;
  #isFailing = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: HoldKeeperOptions) {
    this.#options = options;
    const { database, instance } = options;
    this.#desk = {
      newLeaseId: options.newLeaseId,
      take: (request) => takeLease(database, { ...request, instanceId: instance.id }),
      returnPart: (part) => returnPart(database, part),
      askForIdle: async (organizationId) => {
        await database.pool.query('select pg_notify($1, $2)', [
          BUDGET_CHANNEL,
          `wanted ${organizationId}`,
        ]);
      },
      monotonicMs: options.monotonicMs,
      clock: options.clock,
    };
    this.#subscription = subscribe(database, {
      channel: BUDGET_CHANNEL,
      onMessage: (message) => this.#hear(message),
      onConnect: () => undefined,
    });
  }

  async open(): Promise<void> {
    await this.#announce();
    this.#timer = setInterval(() => void this.tend(), TEND_EVERY_MS).unref();
    void this.tend();
  }

  take(payer: Payer, amountNano: NanoUsd): Hold | Promise<Hold> {
    if (amountNano === 0n) return freeHold(this.#accountOf(payer).month.name);
    const isAlive = this.#options.monotonicMs() < this.#aliveUntilMs;
    if (isAlive) return this.#accountOf(payer).take(amountNano);
    return this.#revive().then(() => this.#accountOf(payer).take(amountNano));
  }

  tend(): Promise<void> {
    this.#tending ??= this.#tendOnce().finally(() => {
      this.#tending = undefined;
    });
    return this.#tending;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#tending;
    await this.#subscription.close();
    const { flush, database, instance } = this.#options;
    try {
      await flush();
      await endInstance(database, instance);
    } catch (error) {
      this.#report(error);
    }
  }

  #accountOf(payer: Payer): LeaseAccount {
    const { keyId, organizationId, userId, timeZone } = payer;
    const known = this.#accounts.get(keyId);
    const nowMs = this.#options.clock();
    if (known !== undefined) {
      if (nowMs < known.month.endsAtMs) return known;
      this.#closing.push(known);
    }
    const month = this.#monthAt(timeZone, nowMs);
    const holder = { organizationId, keyId, userId, month: month.name };
    const account = new LeaseAccount(holder, month, this.#desk);
    this.#accounts.set(keyId, account);
    return account;
  }

  #monthAt(timeZone: string, nowMs: number): Month {
    const known = this.#months.get(timeZone);
    if (known !== undefined && nowMs < known.endsAtMs) return known;
    const month = monthAt(timeZone, nowMs);
    this.#months.set(timeZone, month);
    return month;
  }

  #hear(message: string): void {
    const [what, organizationId] = message.split(' ');
    for (const account of this.#everyAccount()) {
      if (account.holder.organizationId !== organizationId) continue;
      if (what === 'wanted') account.becomeExact();
      else account.notice();
    }
  }

  *#everyAccount(): Generator<LeaseAccount> {
    yield* this.#accounts.values();
    yield* this.#closing;
  }

  #revive(): Promise<void> {
    this.#reviving ??= this.#announce().finally(() => {
      this.#reviving = undefined;
    });
    return this.#reviving;
  }

  async #announce(): Promise<void> {
    const { database, instance, monotonicMs } = this.#options;
    const sentAtMs = monotonicMs();
    const wasAlive = await announceInstance(database, instance);
    if (!wasAlive) for (const account of this.#everyAccount()) account.forget();
    this.#aliveUntilMs = sentAtMs + ALIVE_FOR_MS;
  }

  async #tendOnce(): Promise<void> {
    const { database, instance, flush } = this.#options;
    try {
      await this.#revive();
      this.#retireIdle();
      for (const account of this.#everyAccount()) account.shrink();
      if (this.#retired.size > 0 || this.#hasPredecessors) {
        await flush();
        await this.#endRetired();
        if (this.#hasPredecessors) await endPredecessors(database, instance);
        this.#hasPredecessors = false;
      }
      await endDead(database);
      this.#isFailing = false;
    } catch (error) {
      this.#report(error);
    }
  }

  #retireIdle(): void {
    const unusedSinceMs = this.#options.monotonicMs() - IDLE_MS;
    for (const [keyId, account] of this.#accounts) {
      if (this.#retire(account, unusedSinceMs)) this.#accounts.delete(keyId);
    }
    this.#closing = this.#closing.filter((account) => !this.#retire(account, Infinity));
  }

  #retire(account: LeaseAccount, unusedSinceMs: number): boolean {
    const retired = account.retire(unusedSinceMs);
    const { organizationId } = account.holder;
    if (retired?.leaseId !== undefined) {
      const others = this.#retired.get(organizationId) ?? [];
      this.#retired.set(organizationId, [...others, retired.leaseId]);
    }
    return retired !== undefined;
  }

  /** What was charged to them is in the database by now, so that the rest is free. */
  async #endRetired(): Promise<void> {
    for (const [organizationId, leaseIds] of this.#retired) {
      await endLeases(this.#options.database, organizationId, leaseIds);
      this.#retired.delete(organizationId);
    }
  }

  /** Once per outage, not at every attempt. */
  #report(error: unknown): void {
    if (this.#isFailing) return;
    this.#isFailing = true;
    this.#options.log.warn(
      { err: error },
      'leases cannot be looked after now; requests go on while the money that is set aside lasts',
    );
  }
}
