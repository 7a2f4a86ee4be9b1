export interface RunningMeansOptions {
  /** What is believed of somebody of whom nothing was seen. */
  readonly start: number;
  /** The number of values that outweigh it. */
  readonly worth: number;
  /** Older values fade, half of them after about so many new ones. */
  readonly memory: number;
}

/** Of models there are some hundreds. */
const MAX_MEANS = 2_000;

interface Mean {
  value: number;
  weight: number;
}

/** One decaying mean for each id; of the latest ones. */
export class RunningMeans {
  readonly #options: RunningMeansOptions;
  readonly #max: number;
  /** The longest untold first. */
  readonly #means = new Map<string, Mean>();

  constructor(options: RunningMeansOptions, max = MAX_MEANS) {
    this.#options = options;
    this.#max = max;
  }

  of(id: string): number {
    return this.#means.get(id)?.value ?? this.#options.start;
  }

  note(id: string, value: number): void {
    const { start, worth, memory } = this.#options;
    const mean = this.#means.get(id) ?? { value: start, weight: worth };
    mean.weight = Math.min(mean.weight + 1, memory);
    mean.value += (value - mean.value) / mean.weight;
    this.#means.delete(id);
    this.#means.set(id, mean);
    if (this.#means.size > this.#max) this.#forgetOldest();
  }

  #forgetOldest(): void {
    const [oldest] = this.#means.keys();
    if (oldest !== undefined) this.#means.delete(oldest);
  }

  get entries(): Iterable<readonly [id: string, mean: { readonly value: number }]> {
    return this.#means;
  }
}
