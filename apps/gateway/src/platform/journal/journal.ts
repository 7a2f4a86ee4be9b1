import { appendFile, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { SegmentWriter } from './segment-writer.ts';
import { listSegments, readSegment, sequenceOf, type Segment } from './segment.ts';

export interface Journal {
  /** One line of text without line breaks. What this has resolved for survives `kill -9`. */
  append(line: string): Promise<void>;
  /** Resolves when all that was appended before has been applied; rejects when that fails now. */
  flush(): Promise<void>;
  /** Applies what it can; the rest waits on disk for the next start. */
  close(): Promise<void>;
  /** Lines not yet applied. */
  pendingCount(): number;
}

export interface JournalOptions {
  /** Used by one process at a time. */
  readonly dir: string;
  /**
   * Must be idempotent: after a crash it sees lines again. Throws when it should be asked again later, and returns the
   * lines that will never do.
   */
  apply(lines: readonly string[]): Promise<readonly string[]>;
  readonly log: Pick<Logger, 'warn' | 'error'>;
}

const INTERVAL_MS = 250;
const MAX_RETRY_MS = 15_000;
/** A batch costs some milliseconds whatever its size, and holds locks meanwhile. */
const LINES_PER_BATCH = 2_000;

/** Opens the journal; what an earlier process has left comes first. */
export async function openJournal(options: JournalOptions): Promise<Journal> {
  await mkdir(options.dir, { recursive: true, mode: 0o700 });
  return new DiskJournal(options, await listSegments(options.dir));
}

/** Memory holds what is just being written or applied; everything else is on disk only, however long the wait. */
class DiskJournal implements Journal {
  readonly #options: JournalOptions;
  readonly #sealed: Segment[];
  readonly #writer: SegmentWriter;
  #isClosed = false;
  #isFailing = false;
  #delayMs = INTERVAL_MS;
  #timer: NodeJS.Timeout | undefined;
  #draining: Promise<void> = Promise.resolve();

  constructor(options: JournalOptions, leftOver: Segment[]) {
    this.#options = options;
    this.#sealed = leftOver;
    const newest = leftOver.at(-1);
    const firstSequence = newest === undefined ? 1 : sequenceOf(newest) + 1;
    this.#writer = new SegmentWriter(options.dir, firstSequence, (segment) =>
      this.#sealed.push(segment),
    );
    this.#schedule(leftOver.length === 0 ? INTERVAL_MS : 0);
  }

  append(line: string): Promise<void> {
    if (this.#isClosed) return Promise.reject(new Error('impossible: the journal is closed'));
    return this.#writer.append(line);
  }

  async flush(): Promise<void> {
    await this.#writer.seal();
    await this.#drain();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.flush().catch((error: unknown) => this.#reportFailure(error));
  }

  pendingCount(): number {
    const sealed = this.#sealed.reduce((sum, segment) => sum + segment.lineCount, 0);
    return sealed + this.#writer.lineCount;
  }

  #schedule(delayMs: number): void {
    this.#timer = setTimeout(() => void this.#run(), delayMs).unref();
  }

  async #run(): Promise<void> {
    try {
      // While older segments wait, the newest one may grow to its full size.
      if (this.#sealed.length === 0) await this.#writer.seal();
      await this.#drain();
      this.#delayMs = INTERVAL_MS;
    } catch (error) {
      this.#reportFailure(error);
      this.#delayMs = Math.min(this.#delayMs * 2, MAX_RETRY_MS);
    }
    if (!this.#isClosed) this.#schedule(this.#delayMs);
  }

  /** One at a time, so that no segment is read while another drain deletes it. */
  #drain(): Promise<void> {
    const drained = this.#draining.catch(() => undefined).then(() => this.#applySealed());
    this.#draining = drained;
    return drained;
  }

  async #applySealed(): Promise<void> {
    for (;;) {
      const [segment] = this.#sealed;
      if (segment === undefined) break;
      await this.#applySegment(segment.path);
      await rm(segment.path, { force: true });
      this.#sealed.shift();
    }
    this.#isFailing = false;
  }

  async #applySegment(path: string): Promise<void> {
    const { lines, tornLine } = await readSegment(path);
    if (tornLine !== '') {
      this.#options.log.warn(
        { path, bytes: tornLine.length },
        'journal: an unfinished line is left out',
      );
    }
    for (let start = 0; start < lines.length; start += LINES_PER_BATCH) {
      const rejected = await this.#options.apply(lines.slice(start, start + LINES_PER_BATCH));
      if (rejected.length > 0) await this.#keepRejected(rejected);
    }
  }

  async #keepRejected(lines: readonly string[]): Promise<void> {
    const path = join(this.#options.dir, 'rejected.jsonl');
    await appendFile(path, `${lines.join('\n')}\n`, { mode: 0o600 });
    this.#options.log.error(
      { path, count: lines.length },
      'journal: records cannot be stored and were put aside',
    );
  }

  /** Once per outage, not at every attempt. */
  #reportFailure(error: unknown): void {
    if (this.#isFailing) return;
    this.#isFailing = true;
    const pending = this.pendingCount();
    this.#options.log.warn(
      { err: error, pending },
      'journal: records wait on disk until the database takes them',
    );
  }
}
