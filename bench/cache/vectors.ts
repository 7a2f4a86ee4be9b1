import { createLocalEmbedder } from '../../apps/gateway/src/inference/cache/likeness/local-embedder.ts';
import { similarityOf } from '../../apps/gateway/src/inference/cache/likeness/vector.ts';

/** The vectors that the gateway makes without an upstream, each once. */
export class Vectors {
  readonly #embedder = createLocalEmbedder({
    onUnable: (reason) => {
      throw new Error(reason);
    },
    limits: { waitingTexts: 1, patienceMs: 60_000 },
  });
  readonly #known = new Map<string, Int8Array | undefined>();

  /** `undefined`: the model cannot read it. */
  async of(text: string): Promise<Int8Array | undefined> {
    if (!this.#known.has(text))
      this.#known.set(text, await this.#embedder.embed(text, () => false));
    return this.#known.get(text);
  }

  async similarity(one: string, other: string): Promise<number> {
    const [first, second] = [await this.of(one), await this.of(other)];
    return first && second ? similarityOf(first, second) : 0;
  }

  close(): Promise<void> {
    return this.#embedder.close();
  }
}
