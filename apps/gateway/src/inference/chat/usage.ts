import { NO_TOKENS, type TokenUsage } from '../../customers/billing/index.ts';

/** Reads OpenAI's `usage` object. `undefined` when it is missing or makes no sense (negative, fractional, parts above the whole). */
export function readUsage(value: unknown): TokenUsage | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const usage = value as Record<string, unknown>;
  const input = count(usage['prompt_tokens']);
  const output = count(usage['completion_tokens'] ?? 0);
  if (input === undefined || output === undefined) return undefined;
  const details = usage['prompt_tokens_details'];
  const cachedInput = Math.min(input, detail(details, 'cached_tokens'));
  // As our own translation of Anthropic's usage names it, and as OpenRouter does.
  const written = detail(details, 'cache_creation_tokens') || detail(details, 'cache_write_tokens');
  return {
    ...NO_TOKENS,
    input,
    output,
    cachedInput,
    cacheWrite: Math.min(input - cachedInput, written),
    reasoning: Math.min(output, detail(usage['completion_tokens_details'], 'reasoning_tokens')),
  };
}

/** A host that claims more than can have been used, or nothing for an answer that is there, is not believed. */
export const isPlausible = (
  usage: TokenUsage,
  { bounds, isEmpty }: { readonly bounds: TokenUsage; readonly isEmpty: boolean },
): boolean =>
  usage.input <= bounds.input &&
  usage.output <= bounds.output &&
  (isEmpty || bounds.output === 0 || usage.output > 0);

const count = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;

const detail = (details: unknown, name: string): number =>
  typeof details === 'object' && details !== null
    ? (count((details as Record<string, unknown>)[name]) ?? 0)
    : 0;
