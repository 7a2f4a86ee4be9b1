/** Token counts of one answer. `input` includes `cachedInput`; `output` includes `reasoning`. */
export interface TokenUsage {
  readonly input: number;
  readonly cachedInput: number;
  readonly output: number;
  readonly reasoning: number;
}

export const NO_USAGE: TokenUsage = { input: 0, cachedInput: 0, output: 0, reasoning: 0 };

/** Reads OpenAI's `usage` object. `undefined` when it is missing or not plausible (negative, fractional, parts above the whole). */
export function readUsage(value: unknown): TokenUsage | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const usage = value as Record<string, unknown>;
  const input = count(usage['prompt_tokens']);
  const output = count(usage['completion_tokens'] ?? 0);
  if (input === undefined || output === undefined) return undefined;
  return {
    input,
    output,
    cachedInput: Math.min(input, detail(usage['prompt_tokens_details'], 'cached_tokens')),
    reasoning: Math.min(output, detail(usage['completion_tokens_details'], 'reasoning_tokens')),
  };
}

const BYTES_PER_TOKEN = 4;

/** A rough count for hosts that report none: four bytes of text a token. */
export function estimateUsage(inputBytes: number, outputBytes: number): TokenUsage {
  return {
    ...NO_USAGE,
    input: Math.ceil(inputBytes / BYTES_PER_TOKEN),
    output: Math.ceil(outputBytes / BYTES_PER_TOKEN),
  };
}

const count = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;

const detail = (details: unknown, name: string): number =>
  typeof details === 'object' && details !== null
    ? (count((details as Record<string, unknown>)[name]) ?? 0)
    : 0;
