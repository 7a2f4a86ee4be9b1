import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { subscribe, type Database } from '../../../platform/db/index.ts';
import { planIdAt, type BookedPlan } from '../plans/booked-plan.ts';
import type { Plans } from '../plans/plan.ts';
import type { PriceList } from '../pricing/tariff.ts';
import { readPriceLists } from './read-price-lists.ts';
import { inOrder, listAt, type ListInForce, type ScheduledList } from './timeline.ts';

/** What is charged, as this process knows it. It is told of every change, and goes by its own clock. */
export interface LivePrices {
  /** What is charged at that moment to whoever has booked this. Always an immediate answer. */
  listFor(booked: BookedPlan, nowMs: number): PriceList;
  close(): Promise<void>;
}

export interface LivePricesOptions {
  readonly database: Pick<Database, 'store' | 'createClient'>;
  /** Of `sealgate.yaml`. */
  readonly fileLists: readonly ScheduledList[];
  readonly plans: Plans;
  readonly log: Pick<Logger, 'warn'>;
}

const CHANNEL = 'price_lists';
const RETRY_MS = 1_000;

/** Resolves when the lists of the database are known. */
export async function openLivePrices(options: LivePricesOptions): Promise<LivePrices> {
  const prices = new Prices(options);
  await prices.open();
  return prices;
}

class Prices implements LivePrices {
  readonly #options: LivePricesOptions;
  readonly #stop = new AbortController();
  #subscription: ReturnType<typeof subscribe> | undefined;
  #lists: readonly ScheduledList[] = [];
  #current: ListInForce = listAt([], 0);
  /** The list that is in force as each plan sees it. */
  #byPlan = new Map<string, PriceList>();
  #reading: Promise<void> = Promise.resolve();
  #isToldAgain = false;

  constructor(options: LivePricesOptions) {
    this.#options = options;
  }

  async open(): Promise<void> {
    await this.#read();
    this.#subscription = subscribe(this.#options.database, {
      channel: CHANNEL,
      onMessage: () => this.#hear(),
      // What was said before the line was up, nobody heard.
      onConnect: () => this.#hear(),
    });
  }

  listFor(booked: BookedPlan, nowMs: number): PriceList {
    const { fromMs, untilMs } = this.#current;
    if (nowMs >= untilMs || nowMs < fromMs) this.#turn(nowMs);
    const planId = planIdAt(booked, nowMs);
    return this.#byPlan.get(planId) ?? this.#seenBy(planId);
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#subscription?.close();
    await this.#reading;
  }

  #turn(nowMs: number): void {
    this.#current = listAt(this.#lists, nowMs);
    this.#byPlan = new Map();
  }

  #seenBy(planId: string): PriceList {
    const { id, shares } = this.#options.plans.of(planId);
    const known = this.#byPlan.get(id);
    if (known) return known;
    const made = { ...this.#current.list, planShares: shares };
    this.#byPlan.set(id, made);
    return made;
  }

  /** One after the other; of many announcements while one reads, one more is enough. */
  #hear(): void {
    if (this.#isToldAgain) return;
    this.#isToldAgain = true;
    this.#reading = this.#reading.then(() => {
      this.#isToldAgain = false;
      return this.#readForLong();
    });
  }

  async #readForLong(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        await this.#read();
        return;
      } catch (error) {
        this.#options.log.warn({ err: error }, 'the price lists cannot be read; trying again');
      }
      await sleep(RETRY_MS, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  async #read(): Promise<void> {
    const { database, fileLists } = this.#options;
    const stored = await readPriceLists(database);
    const valid = stored.filter(({ canceledAt }) => canceledAt === undefined);
    this.#lists = inOrder([...fileLists, ...valid]);
    // Whoever asks next looks anew.
    this.#current = { ...this.#current, untilMs: -Infinity };
  }
}
