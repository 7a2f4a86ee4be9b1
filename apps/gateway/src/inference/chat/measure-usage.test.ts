import { describe, expect, test } from 'vitest';
import { NO_TOKENS, type TokenUsage } from '../../customers/billing/index.ts';
import type { Admission, Candidate } from './admit.ts';
import { NO_ATTACHMENTS } from './attachments.ts';
import { measureUsage } from './measure-usage.ts';
import type { ChatServices } from './services.ts';
import { readUsage } from './usage.ts';

const bounds: TokenUsage = { ...NO_TOKENS, input: 100, output: 50, images: 2 };
const usage = (input: number, output: number): TokenUsage => ({ ...NO_TOKENS, input, output });

/** With our own count of input and output, `undefined` where it cannot be had. */
function measure(
  reported: TokenUsage | undefined,
  counts: readonly [input: number | undefined, output: number | undefined],
  isEmpty = false,
) {
  const services = { tokens: { count: async () => counts[0] } } as unknown as ChatServices;
  const request = { attachments: NO_ATTACHMENTS, bodyText: '' };
  const candidate = { bounds: { tokens: bounds } } as unknown as Candidate;
  return measureUsage(services, { request } as unknown as Admission, {
    candidate,
    reported,
    isEmpty,
    countOutput: async () => counts[1],
  });
}

describe('what was used', () => {
  test.each<[string, TokenUsage | undefined]>([
    ['says nothing', undefined],
    ['claims more input than can have been', usage(101, 1)],
    ['claims more output than it was allowed', usage(1, 51)],
    ['claims that an answer that is there took no tokens', usage(1, 0)],
  ])('is counted by us when the upstream %s', async (_name, reported) => {
    expect(await measure(reported, [30, 20])).toEqual({
      usage: { ...usage(30, 20), images: 2 },
      usageSource: 'estimated',
    });
  });

  test('is what the upstream says when that can be true, zero included', async () => {
    expect(await measure(usage(100, 50), [1, 1])).toMatchObject({ usageSource: 'upstream' });
    const nothing = await measure(usage(0, 0), [1, 1], true);
    expect(nothing).toEqual({ usage: { ...usage(0, 0), images: 2 }, usageSource: 'upstream' });
  });

  test('is the bound where nobody can count, and never more than the bound', async () => {
    expect(await measure(undefined, [30, undefined])).toEqual({
      usage: { ...usage(30, 50), images: 2 },
      usageSource: 'bound',
    });
    expect(await measure(undefined, [900, 900])).toMatchObject({
      usage: { input: 100, output: 50 },
    });
  });
});

describe('a usage object', () => {
  test.each<[string, object, Partial<TokenUsage>]>([
    [
      'of OpenAI, with cached input and reasoning',
      {
        prompt_tokens: 2006,
        completion_tokens: 300,
        prompt_tokens_details: { cached_tokens: 1920 },
        completion_tokens_details: { reasoning_tokens: 256 },
      },
      { input: 2006, output: 300, cachedInput: 1920, reasoning: 256 },
    ],
    [
      'of Anthropic’s translation, with a written cache',
      {
        prompt_tokens: 5021,
        completion_tokens: 393,
        prompt_tokens_details: { cached_tokens: 4096, cache_creation_tokens: 800 },
      },
      { input: 5021, output: 393, cachedInput: 4096, cacheWrite: 800 },
    ],
    [
      'of OpenRouter, which names it otherwise',
      {
        prompt_tokens: 10,
        completion_tokens: 2,
        prompt_tokens_details: { cached_tokens: 0, cache_write_tokens: 8 },
      },
      { input: 10, output: 2, cacheWrite: 8 },
    ],
    [
      'whose parts exceed the whole',
      {
        prompt_tokens: 10,
        completion_tokens: 2,
        prompt_tokens_details: { cached_tokens: 8, cache_creation_tokens: 8 },
        completion_tokens_details: { reasoning_tokens: 9 },
      },
      { input: 10, output: 2, cachedInput: 8, cacheWrite: 2, reasoning: 2 },
    ],
    ['of embeddings', { prompt_tokens: 8, total_tokens: 8 }, { input: 8, output: 0 }],
  ])('%s is read', (_name, object, expected) => {
    expect(readUsage(object)).toEqual({ ...NO_TOKENS, ...expected });
  });

  test.each([
    null,
    {},
    { prompt_tokens: -1 },
    { prompt_tokens: 1.5 },
    { prompt_tokens: '12' },
    { prompt_tokens: 1, completion_tokens: Number.NaN },
  ])('%j is none', (object) => {
    expect(readUsage(object)).toBeUndefined();
  });
});
