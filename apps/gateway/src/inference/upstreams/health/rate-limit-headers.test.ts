import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { limitIn, LONGEST_LIMIT_MS } from './rate-limit-headers.ts';
import vectors from './test-vectors/rate-limit-headers.json' with { type: 'json' };

const NOW_MS = Date.UTC(2026, 10, 27, 12, 0, 0);

describe('the limit of an answer', () => {
  test.each(vectors)('$title', ({ status, headers, limitMs }) => {
    expect(limitIn({ status, headers }, NOW_MS) ?? null).toBe(limitMs);
  });
});

const NAMES = [...new Set(vectors.flatMap(({ headers }) => Object.keys(headers)))];

const value = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.stringMatching(/^[0-9.]{0,20}(ms|s|m|h|d)?[0-9]{0,4}(ms|s)?$/),
  fc.double().map(String),
  fc.date({ noInvalidDate: false }).map(String),
  fc.array(fc.string()),
);

test('is a time within bounds or nothing, whatever the headers say', () => {
  const headers = fc.dictionary(fc.constantFrom(...NAMES), value);
  const status = fc.constantFrom(200, 429, 503);
  fc.assert(
    fc.property(status, headers, fc.integer(), (code, given, nowMs) => {
      const limitMs = limitIn({ status: code, headers: given }, nowMs);
      if (limitMs === undefined) {
        expect(code).not.toBe(429);
        return;
      }
      expect(limitMs).toBeGreaterThanOrEqual(100);
      expect(limitMs).toBeLessThanOrEqual(LONGEST_LIMIT_MS);
    }),
    { numRuns: 2_000 },
  );
});

test('takes time that grows only with the length of a header', () => {
  const text = `${'1h'.repeat(50_000)}x`;
  const headers = { 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': text };
  expect(limitIn({ status: 200, headers }, NOW_MS)).toBeUndefined();
});
