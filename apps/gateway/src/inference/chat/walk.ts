import type { Cancellation } from '../../platform/cancellation.ts';
import type { Model, Provider, UpstreamRequest } from '../upstreams/index.ts';
import type { Admission, Candidate } from './admit.ts';
import type { Trouble } from './judge.ts';
import type { ChatServices } from './services.ts';

/** What one request wants of whichever model serves it. */
export interface Errand {
  readonly prepare: (provider: Provider, model: Model) => UpstreamRequest;
  /** The list that a whole answer must have. */
  readonly listName: 'choices' | 'data';
  readonly isStream: boolean;
  readonly cancellation: Cancellation;
}

/** One request on its way over the candidates: what it has met so far. */
export class Walk {
  readonly services: ChatServices;
  readonly admission: Admission;
  readonly errand: Errand;
  /** Ids, in the order in which they were asked. */
  readonly modelsTried: string[] = [];
  readonly #upstreamsAsked = new Set<string>();
  readonly #deadlineMs: number;
  /** The last one. */
  trouble: Trouble | undefined;
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
    return this.modelsTried.includes(model.id);
  }

  note({ model }: Candidate): void {
    if (!this.modelsTried.includes(model.id)) this.modelsTried.push(model.id);
  }

  /**
   * May this upstream be asked? The first call of a request is free and adds to the upstream's budget; every further one, for
   * whichever of its models, is paid from it.
   */
  mayAsk({ model: { upstream } }: Candidate): boolean {
    const { health } = this.services;
    if (this.#upstreamsAsked.has(upstream.id)) return health.mayAskAgain(upstream);
    this.#upstreamsAsked.add(upstream.id);
    health.countRequest(upstream);
    return true;
  }

  /** While another attempt is waiting: that is paid for always. */
  mayAskBeside({ model: { upstream } }: Candidate): boolean {
    this.#upstreamsAsked.add(upstream.id);
    return this.services.health.mayAskAgain(upstream);
  }
}

const longestOf = (candidates: readonly Candidate[]): number =>
  candidates.reduce((longest, { model }) => Math.max(longest, model.upstream.timeouts.totalMs), 0);
