import { printUsd } from '@sealgate/contract';
import type { Generation } from '../../customers/billing/index.ts';
import type { Admission, AnswerTerms, WholeAnswer } from '../../inference/chat/index.ts';
import { send, type HttpExchange } from './exchange.ts';

export function noteAdmission(exchange: HttpExchange, admission: Admission): void {
  exchange.facts.generationId = admission.generationId;
  exchange.headers['x-nexevo-generation-id'] = admission.generationId;
}

export function noteGeneration({ facts }: HttpExchange, generation: Generation): void {
  facts.modelAsked = generation.modelAsked;
  facts.modelUsed = generation.modelUsed;
  facts.modelsTried = generation.modelsTried;
  facts.cache = generation.cache;
  facts.securityTier = generation.securityTier;
  facts.inputTokens = generation.inputTokens;
  facts.outputTokens = generation.outputTokens;
  facts.firstByteMs = generation.firstByteMs;
}

/** Names of models may hold any character, headers may not: the others are percent-encoded. */
export const headerText = (text: string): string =>
  text.replace(/[^\x20-\x7e]+/g, (run) => Buffer.from(run).toString('hex').replace(/../g, '%$&'));

/** What the caller may still spend, and the limit that was set for them. */
export const termHeaders = ({
  appliedMaxOutputTokens,
  remainingNano,
}: AnswerTerms): Record<string, string> => ({
  ...(appliedMaxOutputTokens !== undefined && {
    'x-max-tokens-applied': String(appliedMaxOutputTokens),
  }),
  ...(remainingNano !== undefined && { 'x-spend-remaining-usd': printUsd(remainingNano) }),
});

/** Headers of an answer that is complete, so that its usage is known. */
export const answerHeaders = ({
  generation,
  ...terms
}: AnswerTerms & { readonly generation: Generation }): Record<string, string> => ({
  'content-type': 'application/json',
  ...termHeaders(terms),
  'x-nexevo-model-used': headerText(generation.modelUsed ?? ''),
  'x-nexevo-models-tried': headerText(generation.modelsTried.join(',')),
  'x-usage-input-tokens': String(generation.inputTokens),
  'x-usage-output-tokens': String(generation.outputTokens),
});

/** Sends a whole answer; throws what refused it. An aborted one has nobody to be sent to. */
export function sendWhole(exchange: HttpExchange, answer: WholeAnswer): void {
  if (answer.kind === 'aborted') return;
  noteGeneration(exchange, answer.generation);
  if (answer.kind === 'refused') throw answer.refusal;
  const headers = answerHeaders(answer);
  send(exchange, { status: 200, headers, body: answer.text });
}
