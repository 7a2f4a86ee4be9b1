import type { NanoUsd } from '@sealgate/contract';
import type { Holder } from './budget-moves.ts';
import { holdFrom, type Hold, type Lease } from './hold.ts';
import { refusalOf } from './limit-refusal.ts';
import { roomIn } from './limits.ts';
import type { Clock } from '../../../platform/clock.ts';
import type { Month } from '../../../platform/month.ts';
import { SpendingPace } from './spending-pace.ts';
import type { LeaseReturn } from './return-lease.ts';
import type { LeaseAnswer } from './take-lease.ts';

/** What an account asks of the database and of the other processes. */
export interface LeaseDesk {
  newLeaseId(): string;
  take(request: {
    readonly holder: Holder;
    readonly leaseId: string;
    readonly neededNano: bigint;
    readonly wantedNano: bigint;
  }): Promise<LeaseAnswer>;
  returnPart(part: LeaseReturn): Promise<void>;
  /** Asks every process for what it does not need of this organization's money. */
  askForIdle(organizationId: string): Promise<void>;
  readonly monotonicMs: () => number;
  readonly clock: Clock;
}

interface Waiter {
  readonly amountNano: NanoUsd;
  readonly sinceMs: number;
  readonly resolve: (hold: Hold) => void;
  readonly reject: (reason: unknown) => void;
}

/** How long a request waits for what others have set aside and do not need. */
const IDLE_PATIENCE_MS = 1_000;
/** How long it waits for running requests to cost less than the most that they may. */
const RUNNING_PATIENCE_MS = 250;
/** A first slice, in requests like the one that asks. */
const SLICE_REQUESTS = 16n;
/** Later slices last for so long at the pace of late, and are asked for so long before they end. */
const SLICE_MS = 4_000;
const REFILL_AHEAD_MS = 1_000;

/**
 * One key's money of one month, in this process. Requests take from the lease without asking anybody; when it is used up,
 * they wait in a line while the database is asked for more.
 */
export class LeaseAccount {
  readonly holder: Holder;
  readonly month: Month;
  readonly #desk: LeaseDesk;
  #lease: Lease | undefined;
  #waiting: Waiter[] = [];
  #isServing = false;
  #isReturning = false;
  /** Everything is asked back: also what is too little for whoever waits. */
  #isAskedBack = false;
  readonly #pace: SpendingPace;
  #largestNano = 0n;
  /** The last slice was smaller than wished: asking ahead of need would only take from others. */
  #isScarce = false;
  #newsCount = 0;
  #peakInUseNano = 0n;
  #lastUseMs = 0;
  #wake: () => void = () => undefined;

  constructor(holder: Holder, month: Month, desk: LeaseDesk) {
    this.holder = holder;
    this.month = month;
    this.#desk = desk;
    this.#pace = new SpendingPace(desk.monotonicMs);
  }

  /** At once from the lease, else as soon as there is enough. Rejects with the `Refusal` that tells which limit is in the way. */
  take(amountNano: NanoUsd): Hold | Promise<Hold> {
    this.#lastUseMs = this.#desk.monotonicMs();
    if (amountNano > this.#largestNano) this.#largestNano = amountNano;
    const hold = this.#waiting.length === 0 ? this.#holdNow(amountNano) : undefined;
    if (hold !== undefined) {
      this.#refillEarly();
      return hold;
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ amountNano, sinceMs: this.#lastUseMs, resolve, reject });
      void this.#serve();
    });
  }

  /** Somebody gave money back: who waits looks again. */
  notice(): void {
    this.#newsCount += 1;
    this.#wake();
  }

  /** Gives back what no running request needs, and from now on holds only what they do. */
  becomeExact(): void {
    if (this.#lease === undefined) return;
    this.#lease.isExact = true;
    this.#isAskedBack = true;
    void this.#returnFree();
  }

  /** Gives back what was not needed since the last look. */
  shrink(): void {
    const lease = this.#lease;
    if (lease === undefined || lease.isExact) return;
    const neededNano = 4n * this.#peakInUseNano + this.#pace.spentIn(SLICE_MS);
    const excessNano = lease.freeNano - neededNano;
    this.#peakInUseNano = lease.inUseNano;
    if (excessNano > 0n) void this.#give(lease, excessNano, false);
  }

  /** Unused since then: hands over the lease to be ended, if there is one. `undefined`: it is in use. */
  retire(unusedSinceMs: number): { readonly leaseId: string | undefined } | undefined {
    const isBusy = this.#waiting.length > 0 || this.#isServing || this.#isReturning;
    if (isBusy || this.#lastUseMs > unusedSinceMs) return undefined;
    if (this.#lease !== undefined && this.#lease.inUseNano > 0n) return undefined;
    const leaseId = this.#lease?.id;
    this.#lease = undefined;
    return { leaseId };
  }

  /** This process was taken for dead and its leases were given away. */
  forget(): void {
    this.#lease = undefined;
  }

  #holdNow(amountNano: NanoUsd): Hold | undefined {
    const lease = this.#lease;
    if (lease === undefined || lease.freeNano < amountNano) return undefined;
    const hold = holdFrom(lease, amountNano, {
      month: this.month.name,
      onEnd: (chargedNano) => this.#onEnd(lease, chargedNano),
    });
    if (lease.inUseNano > this.#peakInUseNano) this.#peakInUseNano = lease.inUseNano;
    return hold;
  }

  #onEnd(lease: Lease, chargedNano: bigint): void {
    this.#pace.spend(chargedNano);
    if (lease !== this.#lease || lease.freeNano === 0n) return;
    if (this.#waiting.length > 0) this.notice();
    else if (lease.isExact) void this.#returnFree();
  }

  /** Asks for more before the lease is used up, so that nobody has to wait for it. */
  #refillEarly(): void {
    const lease = this.#lease;
    if (lease === undefined || lease.isExact || this.#isScarce || this.#isServing) return;
    const isLow =
      lease.freeNano * 2n < lease.inUseNano ||
      lease.freeNano < 2n * this.#largestNano ||
      lease.freeNano < this.#pace.spentIn(REFILL_AHEAD_MS);
    if (isLow) void this.#serve(true);
  }

  async #serve(isRefill = false): Promise<void> {
    if (this.#isServing) return;
    this.#isServing = true;
    try {
      if (isRefill) await this.#ask(0n);
      for (;;) {
        this.#admitWaiting();
        const [first] = this.#waiting;
        if (first === undefined) break;
        const { amountNano } = first;
        const newsCount = this.#newsCount;
        const answer = await this.#ask(amountNano);
        if (answer.kind === 'refused' && this.#newsCount === newsCount) await this.#bide(answer);
      }
    } catch (error) {
      for (const { reject } of this.#waiting.splice(0)) reject(error);
    } finally {
      this.#isServing = false;
      void this.#returnFree();
    }
  }

  /** In the order of their coming. */
  #admitWaiting(): void {
    for (;;) {
      const [first] = this.#waiting;
      const hold = first && this.#holdNow(first.amountNano);
      if (first === undefined || hold === undefined) return;
      this.#waiting.shift();
      first.resolve(hold);
    }
  }

  async #ask(amountNano: bigint): Promise<LeaseAnswer> {
    const known = this.#lease;
    const leaseId = known?.id ?? this.#desk.newLeaseId();
    const shortNano = amountNano - (known?.freeNano ?? 0n);
    const neededNano = shortNano > 0n ? shortNano : 0n;
    const wantedNano = this.#wanted(neededNano);
    const answer = await this.#desk.take({ holder: this.holder, leaseId, neededNano, wantedNano });
    if (answer.kind === 'granted') {
      this.#isScarce = answer.amountNano < wantedNano;
      this.#grow(leaseId, answer);
    }
    return answer;
  }

  /** As much again as is in use, and enough for the next seconds: a slice grows with the traffic, in few steps. */
  #wanted(neededNano: bigint): bigint {
    const waitingNano = this.#waiting.reduce((sum, { amountNano }) => sum + amountNano, 0n);
    const slices = [
      SLICE_REQUESTS * this.#largestNano,
      waitingNano,
      this.#lease?.inUseNano ?? 0n,
      this.#pace.spentIn(SLICE_MS),
    ];
    return slices.reduce((most, each) => (each > most ? each : most), neededNano);
  }

  #grow(leaseId: string, answer: LeaseAnswer & { kind: 'granted' }): void {
    // Forgotten meanwhile: what was granted then is lost with the rest.
    const lease = (this.#lease ??= {
      id: leaseId,
      freeNano: 0n,
      inUseNano: 0n,
      roomNano: 0n,
      isExact: answer.isExact,
    });
    if (lease.id !== leaseId) return;
    lease.freeNano += answer.amountNano;
    lease.roomNano = answer.roomNano;
    lease.isExact = answer.isExact;
  }

  /** Refuses those whose patience is over; waits with the others until something has changed. */
  async #bide(answer: LeaseAnswer & { kind: 'refused' }): Promise<void> {
    const patienceMs = patienceFor(answer);
    const nowMs = this.#desk.monotonicMs();
    const isLost = ({ amountNano, sinceMs }: Waiter): boolean =>
      nowMs - sinceMs >= patienceMs && amountNano > roomIn(answer.limit) + this.#freeNano;
    const lost = this.#waiting.filter(isLost);
    this.#waiting = this.#waiting.filter((waiter) => !isLost(waiter));
    for (const { amountNano, reject } of lost) {
      reject(refusalOf(answer.limit, { amountNano, month: this.month, nowMs: this.#desk.clock() }));
    }
    const [first] = this.#waiting;
    if (lost.length > 0 || first === undefined) return;
    const news = this.#untilNews(patienceMs - (nowMs - first.sinceMs));
    if (answer.isIdleElsewhere) await this.#desk.askForIdle(this.holder.organizationId);
    await news;
  }

  get #freeNano(): bigint {
    return this.#lease?.freeNano ?? 0n;
  }

  #untilNews(mostMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, mostMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** In exact mode: whatever is free goes back, however often something becomes free meanwhile. */
  async #returnFree(): Promise<void> {
    if (this.#isReturning) return;
    this.#isReturning = true;
    try {
      for (let lease = this.#lease; lease?.isExact; lease = this.#lease) {
        const isDue = this.#isAskedBack || (lease.freeNano > 0n && this.#waiting.length === 0);
        if (!isDue) break;
        this.#isAskedBack = false;
        await this.#give(lease, lease.freeNano, true);
      }
    } finally {
      this.#isReturning = false;
    }
  }

  /** Not free any more from here on, whether it arrives or not: what gets lost on the way comes back when the lease ends. */
  async #give(lease: Lease, amountNano: bigint, isExact: boolean): Promise<void> {
    lease.freeNano -= amountNano;
    const { organizationId } = this.holder;
    await this.#desk
      .returnPart({ organizationId, leaseId: lease.id, amountNano, isExact })
      .catch(() => undefined);
  }
}

function patienceFor({ isIdleElsewhere, limit }: LeaseAnswer & { kind: 'refused' }): number {
  if (isIdleElsewhere) return IDLE_PATIENCE_MS;
  return limit.heldNano > 0n ? RUNNING_PATIENCE_MS : 0;
}
