const MAX_CONVERSATIONS = 20_000;

/** On which model each conversation is: of the latest ones, some three megabytes at most. */
export class ConversationMemory {
  readonly #max: number;
  /** The longest unused first. */
  readonly #models = new Map<string, string>();

  constructor(max = MAX_CONVERSATIONS) {
    this.#max = max;
  }

  modelOf(conversation: string): string | undefined {
    const model = this.#models.get(conversation);
    if (model !== undefined) this.#put(conversation, model);
    return model;
  }

  place(conversation: string, modelId: string): void {
    this.#put(conversation, modelId);
    if (this.#models.size <= this.#max) return;
    for (const oldest of this.#models.keys()) {
      this.#models.delete(oldest);
      return;
    }
  }

  get size(): number {
    return this.#models.size;
  }

  #put(conversation: string, modelId: string): void {
    this.#models.delete(conversation);
    this.#models.set(conversation, modelId);
  }
}
