import type { Clock } from '../../platform/clock.ts';
import {
  inSystem,
  LOCKS,
  lockTransaction,
  type Stored,
  type Transaction,
} from '../../platform/db/index.ts';
import type { QualityBook } from '../routing/index.ts';
import { isAnythingDue, settleDue, takeDue } from './due-decisions.ts';
import { announceLessons, lastPosition, readLog, type LogEntry } from './lesson-log.ts';
import { readSnapshot, SNAPSHOT_EVERY } from './snapshots.ts';
import { insertVersion } from './versions.ts';
import { teach, writeReset, type Pen, type Taught } from './teach.ts';

export interface LearnerOptions {
  readonly store: Stored['store'];
  readonly book: QualityBook;
  readonly clock: Clock;
  /** Entries of the log between two snapshots; the same for all gateways. */
  readonly snapshotEvery?: number;
  /** Something was learned here, and is committed. */
  readonly onTaught: (taught: Taught) => void;
}

/**
 * Keeps one gateway's book in step with the log of lessons that all gateways share, and writes lessons into it. Whoever writes
 * holds a lock and has read everything before, so the log is what a single gateway that saw every vote would have written.
 */
export class Learner {
  readonly #options: LearnerOptions;
  readonly #snapshotEvery: number;
  /** Of the last entry that is in the book. */
  #position = 0;
  /** The book holds what was never committed, or may not have been. */
  #isTorn = true;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(options: LearnerOptions) {
    this.#options = options;
    this.#snapshotEvery = options.snapshotEvery ?? SNAPSHOT_EVERY;
  }

  get position(): number {
    return this.#position;
  }

  /** Reads what others have written. */
  catchUp(): Promise<void> {
    return this.#inTurn(async () => {
      await inSystem(this.#options, (transaction) => this.#read(transaction));
    });
  }

  /** Learns from whatever is due; resolves when nothing is. */
  teachDue(): Promise<void> {
    return this.#inTurn(async () => {
      while (await inSystem(this.#options, isAnythingDue)) {
        if ((await this.#write((pen) => this.#teachSome(pen))) === 0) return;
      }
    });
  }

  /** The host of this model answers with a version that may be new to all gateways: then little is kept of the old one. */
  noteVersion(modelId: string, version: string): Promise<void> {
    return this.#inTurn(async () => {
      await this.#write(async (pen) => {
        const { isNew, isFirst } = await insertVersion(pen, modelId, version);
        if (isNew && !isFirst && pen.book.has(modelId)) await writeReset(pen, modelId);
      });
    });
  }

  async #teachSome(pen: Pen): Promise<number> {
    const due = await takeDue(pen.transaction);
    for (const decision of due) await teach(pen, decision);
    if (due.length > 0) await settleDue(pen.transaction, due);
    return due.length;
  }

  /** One transaction in which nobody else writes. What goes wrong in it is read anew from the log. */
  async #write<Result>(work: (pen: Pen) => Promise<Result>): Promise<Result> {
    const { book, clock, onTaught } = this.#options;
    const taught: Taught[] = [];
    let position = 0;
    try {
      const result = await inSystem(this.#options, async (transaction) => {
        await lockTransaction(transaction, LOCKS.lessons);
        await this.#read(transaction);
        const first = await lastPosition(transaction);
        position = first;
        this.#isTorn = true;
        const done = await work({
          transaction,
          book,
          clock,
          nextPosition: () => (position += 1),
          snapshotEvery: this.#snapshotEvery,
          note: (one) => taught.push(one),
        });
        if (position > first) await announceLessons(transaction);
        return done;
      });
      this.#position = position;
      this.#isTorn = false;
      for (const one of taught) onTaught(one);
      return result;
    } catch (error) {
      this.#isTorn = true;
      throw error;
    }
  }

  async #read(transaction: Transaction): Promise<void> {
    // A database that was restored, or emptied, has less than is known here: what it has is what counts.
    const isAhead = this.#position > (await lastPosition(transaction));
    if (this.#isTorn || isAhead) await this.#beginAnew(transaction);
    let entries = await readLog(transaction, this.#position);
    if (this.#isBefore(entries[0])) {
      await this.#beginAnew(transaction);
      entries = await readLog(transaction, this.#position);
    }
    while (entries.length > 0) {
      for (const entry of entries) this.#apply(entry);
      entries = await readLog(transaction, this.#position);
    }
  }

  /** Did this gateway sleep so long that the log has lost what it missed? A snapshot has it. */
  #isBefore(next: LogEntry | undefined): boolean {
    return next !== undefined && next.position > this.#position + 1;
  }

  async #beginAnew(transaction: Transaction): Promise<void> {
    const { book } = this.#options;
    const snapshot = await readSnapshot(transaction);
    book.open(snapshot?.pages ?? []);
    this.#position = snapshot?.position ?? 0;
    this.#isTorn = false;
  }

  #apply({ position, modelId, change }: LogEntry): void {
    const { book } = this.#options;
    if (change !== undefined) book.apply(modelId, change);
    // Where the writer took a snapshot: evidence is rounded then, and everybody's must be rounded the same.
    if (position % this.#snapshotEvery === 0) book.pages();
    this.#position = position;
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#queue.catch(() => undefined).then(work);
    this.#queue = turn;
    return turn;
  }
}
