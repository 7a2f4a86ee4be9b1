import type { Cancellation } from '../../platform/cancellation.ts';
import type { Refusal } from '../../platform/refusal.ts';
import type { Pass } from '../upstreams/index.ts';
import type { Admission, Candidate } from './admit.ts';
import type { OpenStream } from './attempt.ts';
import { askHedged, type Tried } from './hedge.ts';
import type { Answer } from './openai-answer.ts';
import { ownKeyRefusal, ownKeyRejectionOf } from './own-key-refusal.ts';
import { refusalFor } from './refusal-for.ts';
import type { ChatServices } from './services.ts';
import { Walk, type Errand } from './walk.ts';

/** Where the walk over the candidates ended. */
export type Reached = { readonly modelsTried: readonly string[] } & (
  | { readonly kind: 'answer'; readonly candidate: Candidate; readonly answer: Answer }
  /** Whoever reads the stream ends the pass. */
  | {
      readonly kind: 'stream';
      readonly candidate: Candidate;
      readonly stream: OpenStream;
      readonly pass: Pass;
    }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  /** `asked`: the one that was at work; `undefined`: none was asked yet. */
  | { readonly kind: 'aborted'; readonly asked: Candidate | undefined }
);

/**
 * Asks the candidates in order until one answers: a host that stumbles is asked again after a pause, a key that is refused is
 * replaced, then comes the next model. Nothing has reached the caller by then, so all of it stays invisible.
 */
export async function reach(
  services: ChatServices,
  admission: Admission,
  errand: Errand,
): Promise<Reached> {
  const walk = new Walk(services, admission, errand);
  for (const candidate of admission.candidates) {
    const reached = walk.hasTried(candidate) ? undefined : await askModel(walk, candidate);
    if (reached) return reached;
  }
  const { modelsTried, asked } = walk;
  if (errand.cancellation.isCancelled) return { kind: 'aborted', asked, modelsTried };
  return { kind: 'refused', refusal: refusalOf(walk), modelsTried };
}

function refusalOf(walk: Walk): Refusal {
  const { services, admission, trouble } = walk;
  const rejection = ownKeyRejectionOf(walk);
  if (rejection) return ownKeyRefusal(rejection);
  const closures = admission.candidates.flatMap(
    ({ model }) => services.health.closureOf(model) ?? [],
  );
  const isOwnKeyLimited = admission.candidates.every(
    ({ model }) => model.upstream.owner !== undefined,
  );
  return refusalFor({ trouble, closures, isOwnKeyLimited, nowMs: services.clock() });
}

/** `undefined`: on to the next model. */
async function askModel(walk: Walk, candidate: Candidate): Promise<Reached | undefined> {
  const { model } = candidate;
  const { health } = walk.services;
  const { perModel } = health.settings.retries;
  let retries = 0;
  let keysLeft = (model.upstream.keys?.length ?? 1) - 1;
  let isPaid = false;
  for (;;) {
    const pass = enter(walk, candidate, isPaid);
    if (pass === undefined) return undefined;
    const tried = await askHedged(walk, candidate, pass);
    const reached = reachedBy(walk, tried);
    if (reached) return reached;
    const { kind } = tried.outcome;
    if (kind === 'other-key' && keysLeft > 0 && health.hasOtherKey(model, tried.pass.key)) {
      keysLeft -= 1;
    } else if (kind === 'retry' && retries < perModel && walk.mayAskAgain(candidate)) {
      retries += 1;
      await pause(backOffMs(walk, retries), walk.errand.cancellation);
    } else {
      return undefined;
    }
    isPaid = true;
  }
}

/** `undefined`: the model must not be asked now, or there is no time left. */
function enter(walk: Walk, candidate: Candidate, isPaid: boolean): Pass | undefined {
  if (walk.remainingMs <= 0) {
    walk.trouble = { kind: 'timeout' };
    return undefined;
  }
  const pass = walk.services.health.enter(candidate.model, walk.errand.isStream);
  if (pass.kind === 'closure') return undefined;
  if (isPaid || walk.mayAsk(candidate)) return pass;
  pass.end('abandoned');
  return undefined;
}

/** `undefined`: the trouble is noted, and it goes on. */
function reachedBy(walk: Walk, { candidate, pass, outcome }: Tried): Reached | undefined {
  const { modelsTried } = walk;
  switch (outcome.kind) {
    case 'answer':
      return { kind: 'answer', answer: outcome.answer, candidate, modelsTried };
    case 'stream':
      return { kind: 'stream', stream: outcome.stream, candidate, pass, modelsTried };
    case 'aborted':
      return { kind: 'aborted', asked: walk.asked, modelsTried };
    case 'refuse':
      return { kind: 'refused', refusal: outcome.refusal, modelsTried };
    case 'retry':
    case 'other-key':
    case 'next':
      walk.noteTrouble(candidate, outcome);
      return undefined;
  }
}

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 2_000;

/** Full jitter: anywhere below a bound that doubles, so that those who failed together do not come back together. */
function backOffMs({ services, remainingMs }: Walk, retries: number): number {
  const mostMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (retries - 1));
  return Math.min(services.random() * mostMs, Math.max(0, remainingMs));
}

function pause(durationMs: number, cancellation: Cancellation): Promise<void> {
  if (cancellation.isCancelled) return Promise.resolve();
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      cancellation.remove(end);
      resolve();
    };
    const timer = setTimeout(end, durationMs);
    cancellation.add(end);
  });
}
