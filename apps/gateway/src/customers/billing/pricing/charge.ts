import { nanoUsd, picoUsdPerToken, type NanoUsd, type PicoUsdPerToken } from '@sealgate/contract';

export interface Price {
  readonly input: PicoUsdPerToken;
  readonly cachedInput: PicoUsdPerToken;
  readonly output: PicoUsdPerToken;
}

export interface BilledTokens {
  readonly input: number;
  /** Part of `input`. */
  readonly cachedInput: number;
  readonly output: number;
}

/** An exact factor, e.g. 105 / 100 for list price + 5 %. */
export interface Ratio {
  readonly of: bigint;
  readonly per: bigint;
}

export const LIST_PRICE: Ratio = { of: 1n, per: 1n };
export const PASSTHROUGH: Ratio = { of: 105n, per: 100n };

const PICO_PER_NANO = 1_000n;

/** Flat prices of the tiers, in pico-dollars per token: 0.60 / 2.40 and 3.00 / 12.00 USD per million tokens. */
export const TIER_PRICES = {
  fast: flat(600_000n, 2_400_000n),
  balanced: flat(3_000_000n, 12_000_000n),
} as const satisfies Record<string, Price>;

/** What an answer costs: multiply everything, divide once, round half to even. */
export function chargeOf(tokens: BilledTokens, price: Price, factor: Ratio): NanoUsd {
  const { numerator, denominator } = exactCost(tokens, price, factor);
  const whole = numerator / denominator;
  const twice = (numerator % denominator) * 2n;
  const isUp = twice > denominator || (twice === denominator && whole % 2n === 1n);
  return nanoUsd(isUp ? whole + 1n : whole);
}

/** The most an answer can cost when `tokens` are bounds: as `chargeOf`, rounded up. */
export function boundOf(tokens: BilledTokens, price: Price, factor: Ratio): NanoUsd {
  const { numerator, denominator } = exactCost(tokens, price, factor);
  return nanoUsd((numerator + denominator - 1n) / denominator);
}

function exactCost(
  tokens: BilledTokens,
  price: Price,
  factor: Ratio,
): { numerator: bigint; denominator: bigint } {
  const fresh = BigInt(tokens.input - tokens.cachedInput);
  const pico =
    fresh * price.input +
    BigInt(tokens.cachedInput) * price.cachedInput +
    BigInt(tokens.output) * price.output;
  return { numerator: pico * factor.of, denominator: PICO_PER_NANO * factor.per };
}

function flat(input: bigint, output: bigint): Price {
  const inputPrice = picoUsdPerToken(input);
  return { input: inputPrice, cachedInput: inputPrice, output: picoUsdPerToken(output) };
}
