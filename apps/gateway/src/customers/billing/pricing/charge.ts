import { nanoUsd, type NanoUsd } from '@sealgate/contract';
import type { TokenUsage } from './price.ts';
import { divideHalfEven, WHOLE, type Ratio } from './ratio.ts';
import type { Tariff } from './tariff.ts';

/** Where an answer came from. */
export type CacheOutcome = 'miss' | 'exact' | 'semantic';

const PICO_PER_NANO = 1_000n;

/** What an answer costs: multiply everything, divide once, round half to even. */
export function chargeOf(usage: TokenUsage, tariff: Tariff, cache: CacheOutcome = 'miss'): NanoUsd {
  const share = cache === 'miss' ? WHOLE : tariff.cacheShare;
  const { numerator, denominator } = exactCost(usage, tariff, share);
  return nanoUsd(divideHalfEven(numerator, denominator));
}

/** The most that an answer can cost whose tokens stay within `bounds`: every token at the dearest price, rounded up. */
export function boundOf(bounds: TokenUsage, tariff: Tariff): NanoUsd {
  const { price } = tariff;
  const input = max(price.input, price.cachedInput, price.cacheWrite);
  const output = max(price.output, price.reasoning);
  const dearest = {
    ...price,
    input,
    cachedInput: input,
    cacheWrite: input,
    output,
    reasoning: output,
  };
  const { numerator, denominator } = exactCost(bounds, { ...tariff, price: dearest }, WHOLE);
  return nanoUsd((numerator + denominator - 1n) / denominator);
}

function exactCost(
  usage: TokenUsage,
  { price, factor, feeNano, planShare }: Tariff,
  cache: Ratio,
): { numerator: bigint; denominator: bigint } {
  const pico =
    BigInt(usage.input - usage.cachedInput - usage.cacheWrite) * price.input +
    BigInt(usage.cachedInput) * price.cachedInput +
    BigInt(usage.cacheWrite) * price.cacheWrite +
    BigInt(usage.output - usage.reasoning) * price.output +
    BigInt(usage.reasoning) * price.reasoning +
    BigInt(usage.images) * price.image;
  const denominator = PICO_PER_NANO * factor.per * cache.per * planShare.per;
  const fee = feeNano * PICO_PER_NANO * factor.per;
  return { numerator: (pico * factor.of + fee) * cache.of * planShare.of, denominator };
}

const max = <Value extends bigint>(first: Value, ...others: readonly Value[]): Value =>
  others.reduce((most, each) => (each > most ? each : most), first);
