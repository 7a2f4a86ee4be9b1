import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nanoUsd, parsePricePerMillion, parseUsd, printUsd } from './usd.ts';

describe('dollar text', () => {
  test('every amount survives printing and parsing', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n }), (amount) => {
        expect(parseUsd(printUsd(nanoUsd(amount)))).toBe(amount);
      }),
    );
  });

  test('at least two and at most nine decimals are printed', () => {
    expect(printUsd(nanoUsd(10_000_000_000n))).toBe('10.00');
    expect(printUsd(nanoUsd(38n))).toBe('0.000000038');
    expect(printUsd(nanoUsd(-1_500_000_000n))).toBe('-1.50');
  });

  test('what is not a plain decimal is refused', () => {
    for (const text of ['', '1e3', '0x1', '1.', '.5', '1.0000000001', ' 1', '+1', 'NaN', '1,5']) {
      expect(parseUsd(text), text).toBeUndefined();
    }
  });

  test('a list price per million tokens is the pico-dollar price of one token', () => {
    expect(parsePricePerMillion('0.15')).toBe(150_000n);
    expect(parsePricePerMillion('-1')).toBeUndefined();
  });
});
