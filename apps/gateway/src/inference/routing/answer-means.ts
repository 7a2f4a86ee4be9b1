import { RunningMeans } from './running-means.ts';

/** What the answers of each model were like lately. */
interface Means {
  /** Of one choice. */
  readonly outputTokens: RunningMeans;
  /** Share of good answers that said nothing. */
  readonly emptiness: RunningMeans;
}

const OUTPUT_TOKENS = { start: 300, worth: 20, memory: 200 };
const EMPTINESS = { start: 0, worth: 20, memory: 100 };
/** Some four megabytes at most. */
const MAX_ORGANIZATIONS = 250;
const MAX_MODELS = 80;

const newMeans = (): Means => ({
  outputTokens: new RunningMeans(OUTPUT_TOKENS, MAX_MODELS),
  emptiness: new RunningMeans(EMPTINESS, MAX_MODELS),
});
const NOTHING_SEEN = newMeans();

/** Each organization's own: a caller can make a model silent or brief, and must not do it to others. */
export class AnswerMeans {
  /** The longest untold first. */
  readonly #byOrganization = new Map<string, Means>();

  of(organizationId: string): Means {
    return this.#byOrganization.get(organizationId) ?? NOTHING_SEEN;
  }

  /** An answer that says nothing has no length. */
  note(
    organizationId: string,
    answer: {
      readonly modelId: string;
      readonly outputTokens: number;
      readonly isEmpty: boolean;
    },
  ): void {
    const { modelId, outputTokens, isEmpty } = answer;
    const means = this.#byOrganization.get(organizationId) ?? newMeans();
    means.emptiness.note(modelId, isEmpty ? 1 : 0);
    if (!isEmpty) means.outputTokens.note(modelId, outputTokens);
    this.#byOrganization.delete(organizationId);
    this.#byOrganization.set(organizationId, means);
    if (this.#byOrganization.size > MAX_ORGANIZATIONS) this.#forgetOldest();
  }

  #forgetOldest(): void {
    const [oldest] = this.#byOrganization.keys();
    if (oldest !== undefined) this.#byOrganization.delete(oldest);
  }
}
