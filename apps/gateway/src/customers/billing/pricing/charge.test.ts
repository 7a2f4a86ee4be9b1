import { picoUsdPerToken } from '@sealgate/contract';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { boundOf, chargeOf, LIST_PRICE, PASSTHROUGH, TIER_PRICES } from './charge.ts';

const price = (input: bigint, output: bigint, cachedInput = input) => ({
  input: picoUsdPerToken(input),
  cachedInput: picoUsdPerToken(cachedInput),
  output: picoUsdPerToken(output),
});
const tokens = (input: number, output: number, cachedInput = 0) => ({ input, output, cachedInput });

describe('what an answer costs', () => {
  test('a million tokens at $0.15 per million cost $0.15, and $0.1575 with five per cent on top', () => {
    expect(chargeOf(tokens(1_000_000, 0), price(150_000n, 0n), LIST_PRICE)).toBe(150_000_000n);
    expect(chargeOf(tokens(1_000_000, 0), price(150_000n, 0n), PASSTHROUGH)).toBe(157_500_000n);
  });

  test('cached input is billed at its own price', () => {
    expect(chargeOf(tokens(100, 0, 60), price(1_000_000n, 0n, 100_000n), LIST_PRICE)).toBe(46_000n);
  });

  test('the flat tiers cost 0.60 / 2.40 and 3.00 / 12.00 USD per million', () => {
    expect(chargeOf(tokens(1_000_000, 1_000_000), TIER_PRICES.fast, LIST_PRICE)).toBe(
      3_000_000_000n,
    );
    expect(chargeOf(tokens(1_000_000, 1_000_000), TIER_PRICES.balanced, LIST_PRICE)).toBe(
      15_000_000_000n,
    );
  });

  test('a half is rounded to even', () => {
    expect(chargeOf(tokens(1, 0), price(500n, 0n), LIST_PRICE)).toBe(0n);
    expect(chargeOf(tokens(3, 0), price(500n, 0n), LIST_PRICE)).toBe(2n);
  });

  test('no charge is above its bound, however the tokens fall below theirs', () => {
    const count = fc.nat(10_000_000);
    const pico = fc.bigInt({ min: 0n, max: 10n ** 9n });
    fc.assert(
      fc.property(
        count,
        count,
        pico,
        pico,
        fc.nat(100),
        (input, output, inPrice, outPrice, percent) => {
          const used = tokens(
            Math.floor((input * percent) / 100),
            Math.floor((output * percent) / 100),
          );
          const listed = price(inPrice, outPrice);
          expect(chargeOf(used, listed, PASSTHROUGH)).toBeLessThanOrEqual(
            boundOf(tokens(input, output), listed, PASSTHROUGH),
          );
        },
      ),
    );
  });
});
