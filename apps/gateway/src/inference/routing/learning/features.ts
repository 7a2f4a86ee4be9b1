import { GramBag } from './gram-bag.ts';
import type { Prompt } from './prompt.ts';
import { measureShape } from './shape.ts';
import { scanText } from './scan-text.ts';

/** A sparse vector: `values[i]` stands at `indexes[i]`. The indexes are distinct and below `DIMENSIONS`. */
export interface Features {
  readonly indexes: Uint16Array;
  readonly values: Float32Array;
}

/** The first slots hold an intercept, shape numbers and task classes; hashed n-grams follow. */
export const DENSE_SLOTS = 32;
/** A little under 2^14, so that the two numbers per slot that a model keeps stay below 130,000 bytes. */
const BUCKETS = 16_128;
export const DIMENSIONS = DENSE_SLOTS + BUCKETS;

// One bag serves every call: nothing can interrupt the reading of a prompt, and `drain` leaves the bag empty.
const bag = new GramBag(BUCKETS);

/** Turns a prompt into numbers. Never throws; the same prompt always gives the same numbers. */
export function readFeatures(prompt: Prompt): Features {
  const dense = measureShape(prompt, scanText(prompt.text, bag));
  const filled = dense.reduce((count, value) => (value === 0 ? count : count + 1), 0);
  const indexes = new Uint16Array(filled + bag.size);
  const values = new Float32Array(filled + bag.size);
  let at = 0;
  for (let slot = 0; slot < dense.length; slot += 1) {
    const value = dense[slot] ?? 0;
    if (value === 0) continue;
    indexes[at] = slot;
    values[at] = value;
    at += 1;
  }
  bag.drain(indexes.subarray(filled), values.subarray(filled), DENSE_SLOTS);
  return { indexes, values };
}
