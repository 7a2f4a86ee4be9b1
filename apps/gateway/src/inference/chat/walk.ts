import type { Cancellation } from '../../platform/cancellation.ts';
import type { Model, PassEnding, Provider, Upstream, UpstreamRequest } from '../upstreams/index.ts';
import type { Admission, Candidate } from './admit.ts';
import type { Trouble } from './judge.ts';
import type { ChatServices } from './services.ts';

/** What one request wants of whichever model serves it. */
export interface Errand {
  readonly prepare: (provider: Provider, candidate: Candidate) => UpstreamRequest;
  /** The list that a whole answer must have. */
  readonly listName: 'choices' | 'data';
  readonly isStream: boolean;
  readonly cancellation: Cancellation;
}

export interface OwnKeyRejection {
  readonly upstream: Upstream;
  readonly status: number;
}

/** One request on its way over the candidates: what it has met so far. */
export class Walk {
  readonly services: ChatServices;
  readonly admission: Admission;
  readonly errand: Errand;
  /** Ids, in the order in which they were asked. */
  readonly modelsTried: string[] = [];
  readonly #waysTried = new Set<Model>();
  readonly #upstreamsAsked = new Map<string, 'asked' | 'unreachable'>();
  readonly #deadlineMs: number;
  /** The last one. */
  trouble: Trouble | undefined;
  /** The one that was asked last. */
  asked: Candidate | undefined;
  /** What a provider has answered to the organization's own key that it does not take. */
  rejection: OwnKeyRejection | undefined;
  /** A request gets company once. */
  hasHedged = false;

  constructor(services: ChatServices, admission: Admission, errand: Errand) {
    this.services = services;
    this.admission = admission;
    this.errand = errand;
    this.#deadlineMs = admission.startedAtMs + longestOf(admission.candidates);
  }

  /** What is left of the time that the most patient of the candidates' upstreams allows. */
  get remainingMs(): number {
    return this.#deadlineMs - this.services.clock();
  }

  hasTried({ model }: Candidate): boolean {
    return this.#waysTried.has(model);
  }

  note(candidate: Candidate): void {
    const { model } = candidate;
    this.asked = candidate;
    this.#waysTried.add(model);
    if (!this.modelsTried.includes(model.id)) this.modelsTried.push(model.id);
  }

  /**
   * May this model be asked after those before it? The first of a request's calls adds to the budget of its upstream. Others
   * of the same upstream are free as long as it can be reached: what fails there is left alone after a few failures.
   */
  mayAsk(candidate: Candidate): boolean {
    const { upstream } = candidate.model;
    const name = nameOf(upstream);
    const known = this.#upstreamsAsked.get(name);
    if (known === 'unreachable') return this.mayAskAgain(candidate);
    if (known === undefined) {
      this.#upstreamsAsked.set(name, 'asked');
      this.services.health.countRequest(upstream);
    }
    return true;
  }

  /** A second time, or beside another attempt: that costs a part of the upstream's budget. */
  mayAskAgain({ model: { upstream } }: Candidate): boolean {
    return this.services.health.mayAskAgain(upstream);
  }

  noteTrouble(
    { model: { upstream } }: Candidate,
    outcome: {
      readonly trouble: Trouble;
      readonly evidence: PassEnding;
      readonly rejected?: 'upstream' | 'model' | undefined;
    },
  ): void {
    const { trouble, evidence, rejected } = outcome;
    this.trouble = trouble;
    if (evidence === 'upstream-failure') this.#upstreamsAsked.set(nameOf(upstream), 'unreachable');
    if (rejected !== undefined && upstream.owner) {
      this.rejection = { upstream, status: trouble.status ?? 0 };
    }
  }
}

/** With an own key and with the operator's, an upstream is asked from two budgets. */
const nameOf = ({ id, owner }: Upstream): string => (owner ? `${id} ${owner.id}` : id);

const longestOf = (candidates: readonly Candidate[]): number =>
  candidates.reduce((longest, { model }) => Math.max(longest, model.upstream.timeouts.totalMs), 0);
