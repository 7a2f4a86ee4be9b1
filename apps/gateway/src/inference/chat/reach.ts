import { setTimeout as delay } from 'node:timers/promises';
import type { Cancellation } from '../../platform/cancellation.ts';
import type { Refusal } from '../../platform/refusal.ts';
import type { Provider, UpstreamRequest } from '../upstreams/index.ts';
import type { Admission, Candidate } from './admit.ts';
import { attempt, type Attempt, type OpenStream } from './attempt.ts';
import { judge, refusalFor, type Trouble, type Verdict } from './judge.ts';
import { readAnswer, type Answer } from './openai-answer.ts';
import type { ChatServices } from './services.ts';

/** Where the walk over the candidates ended. */
export type Reached = { readonly modelsTried: readonly string[] } & (
  | { readonly kind: 'answer'; readonly candidate: Candidate; readonly answer: Answer }
  | { readonly kind: 'stream'; readonly candidate: Candidate; readonly stream: OpenStream }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  | { readonly kind: 'aborted' }
);

export interface Errand {
  readonly prepare: (provider: Provider, candidate: Candidate) => UpstreamRequest;
  /** The list that a whole answer must have. */
  readonly listName: 'choices' | 'data';
  readonly isStream: boolean;
  readonly cancellation: Cancellation;
}

const TRIES_PER_MODEL = 2;
const PAUSE_MS = 50;

/**
 * Asks the candidates in order until one answers: a failing host is asked once more, then the next model. Nothing has
 * reached the caller by then, so all of it stays invisible.
 */
export async function reach(
  services: ChatServices,
  admission: Admission,
  errand: Errand,
): Promise<Reached> {
  const modelsTried: string[] = [];
  let trouble: Trouble | undefined;
  for (const candidate of admission.candidates) {
    if (!services.breaker.isAvailable(candidate.model.id)) continue;
    modelsTried.push(candidate.model.id);
    const verdict = await ask(services, candidate, errand);
    switch (verdict.kind) {
      case 'answer':
      case 'stream':
        return { ...verdict, candidate, modelsTried };
      case 'aborted':
        return { kind: 'aborted', modelsTried };
      case 'refuse':
        return { kind: 'refused', refusal: verdict.refusal, modelsTried };
      case 'retry':
      case 'next':
        trouble = verdict.trouble;
    }
  }
  return { kind: 'refused', refusal: refusalFor(trouble), modelsTried };
}

type Asked = Verdict | { readonly kind: 'aborted' };

/** Asks one model, twice if its host stumbles. */
async function ask(services: ChatServices, candidate: Candidate, errand: Errand): Promise<Asked> {
  let verdict: Asked = { kind: 'aborted' };
  for (let tries = 1; tries <= TRIES_PER_MODEL; tries += 1) {
    if (tries > 1) await delay(PAUSE_MS * (1 + services.random()));
    verdict = await tryOnce(services, candidate, errand);
    if (verdict.kind !== 'retry') return verdict;
  }
  return verdict;
}

async function tryOnce(
  services: ChatServices,
  candidate: Candidate,
  errand: Errand,
): Promise<Asked> {
  const { breaker, metrics, transport } = services;
  const { model } = candidate;
  const provider = services.providers[model.upstream.kind];
  const request = errand.prepare(provider, candidate);
  const outcome = await attempt(transport, model.upstream, request, errand);
  metrics.upstreamAttempt(model.upstream.id, outcomeLabel(outcome));
  if (outcome.kind === 'aborted') return outcome;
  const verdict = judge(outcome, {
    readAnswer: (body) => readAnswer(body, provider, model, errand.listName),
    errorMessage: (body) => provider.errorMessage(body),
    isPool: candidate.intent.kind === 'tier',
  });
  const isFailure = verdict.kind === 'retry' || (verdict.kind === 'next' && verdict.isFailure);
  if (isFailure) breaker.failed(model.id);
  // A stream has yet to end well.
  else if (verdict.kind === 'answer' || verdict.kind === 'refuse') breaker.succeeded(model.id);
  return verdict;
}

function outcomeLabel(
  outcome: Attempt,
): 'success' | 'client_error' | 'server_error' | 'failed' | 'aborted' {
  if (outcome.kind === 'aborted' || outcome.kind === 'failed') return outcome.kind;
  if (outcome.kind === 'streaming' || outcome.status < 300) return 'success';
  return outcome.status < 500 ? 'client_error' : 'server_error';
}
