import type { Bytes } from '../bytes.ts';

/**
 * Reads big-endian TPM structures. A read beyond the end yields zeros and marks the whole structure
 * incomplete, so that a parser checks once, at its end, that every byte was there and none is left.
 */
export class ByteReader {
  readonly #bytes: Bytes;
  #offset = 0;
  #isOverrun = false;

  constructor(bytes: Uint8Array) {
    this.#bytes = new Uint8Array(bytes);
  }

  take(length: number): Bytes {
    const end = this.#offset + length;
    if (end > this.#bytes.length) {
      this.#isOverrun = true;
      return new Uint8Array();
    }
    const taken = this.#bytes.subarray(this.#offset, end);
    this.#offset = end;
    return taken;
  }

  integer(length: 1 | 2 | 4): number {
    return this.take(length).reduce((value, byte) => value * 256 + byte, 0);
  }

  /** A TPM2B: two bytes of length, then the content. */
  sized(): Bytes {
    return this.take(this.integer(2));
  }

  /** True when nothing was missing and nothing is left over. */
  isComplete(): boolean {
    return !this.#isOverrun && this.#offset === this.#bytes.length;
  }
}
