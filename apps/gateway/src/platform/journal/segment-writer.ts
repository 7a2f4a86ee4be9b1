import { close, open, write } from 'node:fs';
import { promisify } from 'node:util';
import { segmentPath, type Segment } from './segment.ts';

const openFile = promisify(open);
const closeFile = promisify(close);
const writeFile = promisify(write);
const endOfTurn = promisify(setImmediate);

/** Small enough to be read back in one piece. */
const MAX_SEGMENT_BYTES = 1_000_000;

interface OpenSegment {
  readonly path: string;
  readonly descriptor: number;
  byteCount: number;
  lineCount: number;
}

interface Batch {
  readonly lines: string[];
  readonly written: Promise<void>;
}

/** Writes lines in groups: while one group is on its way to the kernel the next one collects. */
export class SegmentWriter {
  readonly #dir: string;
  readonly #onSealed: (segment: Segment) => void;
  #nextSequence: number;
  #segment: OpenSegment | undefined;
  #batch: Batch | undefined;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(dir: string, firstSequence: number, onSealed: (segment: Segment) => void) {
    this.#dir = dir;
    this.#nextSequence = firstSequence;
    this.#onSealed = onSealed;
  }

  /** Resolves when the kernel has the line: from then on it survives the end of this process. */
  append(line: string): Promise<void> {
    this.#batch ??= { lines: [], written: this.#enqueue(() => this.#writeBatch()) };
    this.#batch.lines.push(line);
    return this.#batch.written;
  }

  /** Ends the current segment, if it has lines, after everything that was appended before. */
  seal(): Promise<void> {
    return this.#enqueue(() => this.#sealSegment());
  }

  /** Lines that no sealed segment holds yet. */
  get lineCount(): number {
    return (this.#segment?.lineCount ?? 0) + (this.#batch?.lines.length ?? 0);
  }

  #enqueue(work: () => Promise<void>): Promise<void> {
    const result = this.#queue.then(work);
    this.#queue = result.catch(() => undefined);
    return result;
  }

  async #writeBatch(): Promise<void> {
    // Whatever else ends in this turn of the event loop goes into the same group.
    await endOfTurn();
    const lines = this.#batch?.lines ?? [];
    this.#batch = undefined;
    const segment = (this.#segment ??= await this.#openSegment());
    segment.lineCount += lines.length;
    try {
      segment.byteCount += await writeAll(segment.descriptor, `${lines.join('\n')}\n`);
    } catch (error) {
      // The segment may end in the middle of a line, and nothing may follow that.
      segment.lineCount -= lines.length;
      await this.#sealSegment();
      throw error;
    }
    if (segment.byteCount >= MAX_SEGMENT_BYTES) await this.#sealSegment();
  }

  async #openSegment(): Promise<OpenSegment> {
    const path = segmentPath(this.#dir, this.#nextSequence);
    const descriptor = await openFile(path, 'ax', 0o600);
    this.#nextSequence += 1;
    return { path, descriptor, byteCount: 0, lineCount: 0 };
  }

  async #sealSegment(): Promise<void> {
    const segment = this.#segment;
    if (segment === undefined) return;
    this.#segment = undefined;
    this.#onSealed({ path: segment.path, lineCount: segment.lineCount });
    await closeFile(segment.descriptor);
  }
}

async function writeAll(descriptor: number, text: string): Promise<number> {
  const bytes = Buffer.from(text);
  let written = 0;
  while (written < bytes.length) {
    const { bytesWritten } = await writeFile(
      descriptor,
      bytes,
      written,
      bytes.length - written,
      null,
    );
    written += bytesWritten;
  }
  return written;
}
