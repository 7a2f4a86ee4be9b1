import { finishHash } from './word-hash.ts';

/** Counts hashed n-grams. The sign that each hash carries makes collisions cancel instead of add up. */
export class GramBag {
  readonly #counts: Int16Array;
  readonly #isFilled: Uint8Array;
  readonly #filled: Uint16Array;
  #size = 0;

  constructor(buckets: number) {
    this.#counts = new Int16Array(buckets);
    this.#isFilled = new Uint8Array(buckets);
    this.#filled = new Uint16Array(buckets);
  }

  get size(): number {
    return this.#size;
  }

  add(hash: number): void {
    const mixed = finishHash(hash);
    const bucket = (mixed >>> 1) % this.#counts.length;
    if (this.#isFilled[bucket] === 0) {
      this.#isFilled[bucket] = 1;
      this.#filled[this.#size] = bucket;
      this.#size += 1;
    }
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + ((mixed & 1) === 1 ? 1 : -1);
  }

  /** Writes log counts of unit length and empties the bag. Both arrays have room for `size` numbers. */
  drain(indexes: Uint16Array, values: Float32Array, offset: number): void {
    let squares = 0;
    for (let at = 0; at < this.#size; at += 1) {
      const bucket = this.#filled[at] ?? 0;
      const count = this.#counts[bucket] ?? 0;
      const value = Math.sign(count) * Math.log1p(Math.abs(count));
      this.#counts[bucket] = 0;
      this.#isFilled[bucket] = 0;
      indexes[at] = offset + bucket;
      values[at] = value;
      squares += value * value;
    }
    const scale = squares === 0 ? 0 : 1 / Math.sqrt(squares);
    for (let at = 0; at < this.#size; at += 1) values[at] = (values[at] ?? 0) * scale;
    this.#size = 0;
  }
}
