/** Makes a quantile at most 9 % too high. */
const BUCKETS_PER_DOUBLING = 8;
/** From one millisecond to a quarter of an hour. */
const DOUBLINGS = 20;
const BUCKETS = DOUBLINGS * BUCKETS_PER_DOUBLING + 1;
/** Old samples lose half of their weight after this many new ones, and after this long. */
const HALF_LIFE_SAMPLES = 500;
const HALF_LIFE_MS = 600_000;

/** How long answers take, in constant memory: a histogram of logarithms in which the past fades. */
export class LatencySketch {
  readonly #weights = new Float32Array(BUCKETS);
  #total = 0;
  #agedAtMs = 0;
  #samplesSinceAging = 0;

  add(durationMs: number, nowMs: number): void {
    this.#age(nowMs);
    const bucket = bucketOf(durationMs);
    this.#weights[bucket] = (this.#weights[bucket] ?? 0) + 1;
    this.#total += 1;
    this.#samplesSinceAging += 1;
  }

  /** Samples, old ones counted for less. */
  weightAt(nowMs: number): number {
    this.#age(nowMs);
    return this.#total;
  }

  /** `undefined` without samples. */
  quantileAt(quantile: number, nowMs: number): number | undefined {
    this.#age(nowMs);
    if (this.#total === 0) return undefined;
    let left = quantile * this.#total;
    for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
      left -= this.#weights[bucket] ?? 0;
      if (left <= 0) return upperEdgeOf(bucket);
    }
    return upperEdgeOf(BUCKETS - 1);
  }

  #age(nowMs: number): void {
    const halvings =
      Math.floor((nowMs - this.#agedAtMs) / HALF_LIFE_MS) +
      Math.floor(this.#samplesSinceAging / HALF_LIFE_SAMPLES);
    if (halvings < 1) return;
    this.#agedAtMs = nowMs;
    this.#samplesSinceAging = 0;
    this.#total = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
      const weight = (this.#weights[bucket] ?? 0) * 0.5 ** halvings;
      this.#weights[bucket] = weight;
      this.#total += weight;
    }
  }
}

function bucketOf(durationMs: number): number {
  if (durationMs <= 1) return 0;
  return Math.min(BUCKETS - 1, Math.ceil(Math.log2(durationMs) * BUCKETS_PER_DOUBLING));
}

const upperEdgeOf = (bucket: number): number => 2 ** (bucket / BUCKETS_PER_DOUBLING);
