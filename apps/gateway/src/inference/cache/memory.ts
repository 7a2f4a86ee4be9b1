import type { KeptAnswer } from './cacheable-request.ts';

/** An answer with what decides to whom it is given, and until when. */
export interface Entry {
  readonly organizationId: string;
  readonly keyId: string;
  readonly hostDigest: string;
  readonly keptAtMs: number;
  readonly expiresAtMs: number;
  readonly answer: KeptAnswer;
}

/** Beside the text: digests, counts and the map's own. */
const ENTRY_BYTES = 1_000;

/** The answers that were used last, within a bound of bytes. */
export class Memory {
  readonly #maxBytes: number;
  readonly #entries = new Map<string, Entry>();
  #bytes = 0;
  #isOpen = false;
  #epoch = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** From now on whoever forgets is heard: nothing is remembered before that, and nothing of before stays. */
  open(): void {
    this.#isOpen = true;
    this.#epoch += 1;
    this.#entries.clear();
    this.#bytes = 0;
  }

  /** Another one begins whenever something is to be forgotten. */
  get epoch(): number {
    return this.#epoch;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get(key: string): Entry | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    // The first of the map is the one that was not used for the longest time.
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry;
  }

  set(key: string, entry: Entry): void {
    this.delete(key);
    if (!this.#isOpen) return;
    this.#entries.set(key, entry);
    this.#bytes += bytesOf(entry);
    for (const oldest of this.#entries.keys()) {
      if (this.#bytes <= this.#maxBytes) return;
      this.delete(oldest);
    }
  }

  delete(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    this.#bytes -= bytesOf(entry);
  }

  forget(organizationId: string): void {
    this.#epoch += 1;
    for (const [key, entry] of this.#entries) {
      if (entry.organizationId === organizationId) this.delete(key);
    }
  }
}

/** A character may take two bytes. */
const bytesOf = ({ answer }: Entry): number => ENTRY_BYTES + 2 * answer.text.length;
