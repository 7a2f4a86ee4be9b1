import type { Price } from '../../customers/billing/index.ts';
import { Cancellation } from '../../platform/cancellation.ts';
import type { Pass } from '../upstreams/index.ts';
import type { Candidate } from './admit.ts';
import { tryOnce, type Outcome, type Try } from './try-once.ts';
import type { Walk } from './walk.ts';

/** Which attempt it was, and how it ended. */
export interface Tried {
  readonly candidate: Candidate;
  readonly pass: Pass;
  readonly outcome: Outcome;
}

/**
 * Asks a model. When it takes longer than 19 of 20 answers before, a second attempt runs beside it, and the first good answer
 * wins: the other one's connection is closed, and nobody pays for it. Both are candidates of the request's admission, so
 * whatever holds for one holds for the other.
 */
export function askHedged(walk: Walk, candidate: Candidate, pass: Pass): Promise<Tried> {
  const afterMs = hedgeDelayOf(walk, candidate);
  return afterMs === undefined
    ? askAlone(walk, candidate, pass)
    : new Race(walk, { candidate, pass, cancellation: new Cancellation() }).run(afterMs);
}

async function askAlone(walk: Walk, candidate: Candidate, pass: Pass): Promise<Tried> {
  const { cancellation } = walk.errand;
  return { candidate, pass, outcome: await tryOnce(walk, { candidate, pass, cancellation }) };
}

function hedgeDelayOf(walk: Walk, { model }: Candidate): number | undefined {
  const { admission, errand, services, hasHedged } = walk;
  // The host would keep two answers.
  const isIdempotent = admission.request.body['store'] !== true;
  if (hasHedged || !isIdempotent) return undefined;
  const delayMs = services.health.hedgeDelayMs(model, errand.isStream);
  return delayMs !== undefined && delayMs < walk.remainingMs ? delayMs : undefined;
}

/** Two attempts at most, of which one is kept. */
class Race {
  readonly #walk: Walk;
  readonly #first: Try;
  readonly #running = new Set<Try>();
  #firstOutcome: Outcome | undefined;
  #second: Try | undefined;
  #isDecided = false;

  constructor(walk: Walk, first: Try) {
    this.#walk = walk;
    this.#first = first;
  }

  run(afterMs: number): Promise<Tried> {
    const { cancellation } = this.#walk.errand;
    return new Promise((resolve, reject) => {
      const cancelRunning = (): void => {
        for (const one of this.#running) one.cancellation.cancel();
      };
      // When the winner is known, the loser's connection is closed, before anything else happens.
      const finish = (): void => {
        this.#isDecided = true;
        clearTimeout(timer);
        cancellation.remove(cancelRunning);
        cancelRunning();
      };
      const start = (one: Try): void => {
        this.#running.add(one);
        tryOnce(this.#walk, one).then(
          (outcome) => {
            const decision = this.#ended(one, outcome);
            if (decision === undefined) return;
            finish();
            resolve(decision);
          },
          (error: unknown) => {
            this.#running.delete(one);
            finish();
            reject(error);
          },
        );
      };
      const timer = setTimeout(() => {
        this.#second = secondTry(this.#walk, this.#first);
        if (this.#second) start(this.#second);
      }, afterMs);
      cancellation.add(cancelRunning);
      start(this.#first);
    });
  }

  /** `undefined`: the other one may do better, or was better. */
  #ended(one: Try, outcome: Outcome): Tried | undefined {
    this.#running.delete(one);
    if (this.#isDecided) {
      discard(one, outcome);
      return undefined;
    }
    if (one === this.#first) this.#firstOutcome = outcome;
    const isFinal = this.#isFinal(one, outcome);
    if (!isFinal && this.#running.size > 0) return undefined;
    this.#count(one === this.#second && outcome.kind !== 'aborted' && isFinal);
    // After two failures the walk goes on from where it stood.
    return isFinal
      ? { ...one, outcome }
      : { ...this.#first, outcome: this.#firstOutcome ?? outcome };
  }

  /** That the second one's dialect has no words for the request says nothing about the first. */
  #isFinal(one: Try, { kind }: Outcome): boolean {
    return GOOD.has(kind) || (kind === 'refuse' && one === this.#first);
  }

  #count(isWon: boolean): void {
    if (!this.#second) return;
    const { upstream } = this.#second.candidate.model;
    this.#walk.services.metrics.hedge(upstream.id, isWon ? 'won' : 'lost');
  }
}

const GOOD: ReadonlySet<Outcome['kind']> = new Set(['answer', 'stream', 'aborted']);

/** The loser was ready in the very moment in which the winner was known. */
function discard({ pass }: Try, outcome: Outcome): void {
  if (outcome.kind !== 'stream') return;
  outcome.stream.abort();
  pass.end('outrun');
}

/** Somebody who may serve instead and is in good health: the best other candidate, or the same model with another key. */
function secondTry(walk: Walk, first: Try): Try | undefined {
  const { health } = walk.services;
  const waiting = { model: first.candidate.model, key: first.pass.key };
  const others = walk.admission.candidates.filter(
    (other) => !walk.hasTried(other) && isSubstitute(first.candidate, other),
  );
  for (const candidate of [...others, first.candidate]) {
    if (!health.isHedged(candidate.model.upstream)) continue;
    const pass = health.enterBeside(waiting, candidate.model, walk.errand.isStream);
    if (pass === undefined) continue;
    walk.hasHedged = true;
    if (walk.mayAskAgain(candidate)) return { candidate, pass, cancellation: new Cancellation() };
    pass.end('abandoned');
    return undefined;
  }
  return undefined;
}

/**
 * Nobody asked for a better or worse answer at another price: within a tier every candidate will do, by its name a model is
 * replaced by itself at another host that costs no more.
 */
function isSubstitute(first: Candidate, other: Candidate): boolean {
  // Whoever brings a key has it paid for by their provider: the wallet is not to pay for a race.
  if (isOwned(first) !== isOwned(other)) return false;
  if (first.intent.kind === 'tier' && other.intent.kind === 'tier') {
    return first.intent.tier === other.intent.tier;
  }
  return (
    first.model.upstreamModel === other.model.upstreamModel &&
    costsNoMore(other.model.price, first.model.price)
  );
}

const isOwned = ({ model }: Candidate): boolean => model.upstream.owner !== undefined;

function costsNoMore(price: Price | undefined, than: Price | undefined): boolean {
  if (price === undefined || than === undefined) return false;
  const parts = Object.keys(than) as (keyof Price)[];
  return parts.every((part) => price[part] <= than[part]);
}
