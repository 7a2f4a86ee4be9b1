import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isRetryUseful, retryDelayMs } from './retry-timing.ts';

const NOW_MS = Date.parse('2026-11-23T10:00:00Z');

function delayAfter(headers: Record<string, string> | undefined, retries = 0): number | undefined {
  return retryDelayMs({
    retries,
    firstDelayMs: 500,
    headers: headers && new Headers(headers),
    random: 0,
    nowMs: NOW_MS,
  });
}

describe('whether to retry', () => {
  test('transient statuses are retried, the others are not', () => {
    const none = new Headers();
    for (const status of [408, 409, 429, 500, 502, 503, 504, 529]) {
      expect(isRetryUseful(status, none), String(status)).toBe(true);
    }
    for (const status of [200, 400, 401, 402, 403, 404, 413, 422]) {
      expect(isRetryUseful(status, none), String(status)).toBe(false);
    }
  });

  test('the server’s own word wins either way', () => {
    expect(isRetryUseful(429, new Headers({ 'x-should-retry': 'false' }))).toBe(false);
    expect(isRetryUseful(400, new Headers({ 'x-should-retry': 'true' }))).toBe(true);
  });
});

describe('how long to wait', () => {
  test('without advice the pause doubles up to eight seconds', () => {
    const waits = [0, 1, 2, 3, 4, 5].map((retries) => delayAfter(undefined, retries));
    expect(waits).toEqual([500, 1000, 2000, 4000, 8000, 8000]);
  });

  test('milliseconds go before seconds, and both before the backoff', () => {
    expect(delayAfter({ 'retry-after-ms': '125.5', 'retry-after': '9' })).toBe(125.5);
    expect(delayAfter({ 'retry-after': '2' })).toBe(2000);
    expect(delayAfter({ 'retry-after': '0' })).toBe(0);
  });

  test('a date is a pause from now, and a past one is none', () => {
    expect(delayAfter({ 'retry-after': 'Mon, 23 Nov 2026 10:00:07 GMT' })).toBe(7000);
    expect(delayAfter({ 'retry-after': 'Mon, 23 Nov 2026 09:00:00 GMT' })).toBe(0);
  });

  test('advice that cannot be read counts as none', () => {
    for (const text of ['soon', '-1', '1e3', '', 'NaN']) {
      const wait = delayAfter({ 'retry-after-ms': text, 'retry-after': 'soon' });
      expect(wait, text).toBe(500);
    }
  });

  test('a server that asks for more than a minute is not asked again', () => {
    expect(delayAfter({ 'retry-after': '60' })).toBe(60_000);
    expect(delayAfter({ 'retry-after': '61' })).toBeUndefined();
    expect(delayAfter({ 'retry-after-ms': '60001' })).toBeUndefined();
  });

  test('no header and no chance makes the pause negative, endless or not a number', () => {
    const header = fc.string({ unit: fc.constantFrom(...'0123456789.-: eGMT'.split('')) });
    fc.assert(
      fc.property(
        header,
        fc.nat(50),
        fc.double({ min: 0, max: 0.99, noNaN: true }),
        (text, retries, random) => {
          const waitMs = retryDelayMs({
            retries,
            firstDelayMs: 1000,
            headers: new Headers({ 'retry-after': text }),
            random,
            nowMs: NOW_MS,
          });
          if (waitMs === undefined) return;
          expect(waitMs).toBeGreaterThanOrEqual(0);
          expect(waitMs).toBeLessThanOrEqual(60_000);
        },
      ),
    );
  });
});
