/** An exact factor, e.g. 105 / 100 for list price + 5 %. */
export interface Ratio {
  readonly of: bigint;
  /** The smallest power of ten that does: equal factors are written alike. */
  readonly per: bigint;
}

export const WHOLE: Ratio = { of: 1n, per: 1n };

/** Reads a decimal such as `"1.05"`: up to six digits on either side of the point. */
export function parseRatio(text: string): Ratio | undefined {
  const [, whole, fraction = ''] = /^(\d{1,6})(?:\.(\d{1,6}))?$/.exec(text) ?? [];
  if (whole === undefined) return undefined;
  return shorten({ of: BigInt(whole + fraction), per: 10n ** BigInt(fraction.length) });
}

export function printRatio({ of, per }: Ratio): string {
  const decimals = per.toString().length - 1;
  const digits = of.toString().padStart(decimals + 1, '0');
  return decimals === 0 ? digits : `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}

/** What is left when so many per cent are taken off: 12.5 leaves 0.875. */
export const lessPercent = ({ of, per }: Ratio): Ratio =>
  shorten({ of: 100n * per - of, per: 100n * per });

/** The other way round: 0.875 was 12.5 per cent less. */
export const percentOff = ({ of, per }: Ratio): Ratio => shorten({ of: (per - of) * 100n, per });

export const isSameRatio = (one: Ratio, other: Ratio): boolean =>
  one.of === other.of && one.per === other.per;

function shorten({ of, per }: Ratio): Ratio {
  return per % 10n === 0n && of % 10n === 0n
    ? shorten({ of: of / 10n, per: per / 10n })
    : { of, per };
}

/** To the nearest whole number, a half to the even one. Neither is below zero. */
export function divideHalfEven(numerator: bigint, denominator: bigint): bigint {
  const whole = numerator / denominator;
  const twice = (numerator % denominator) * 2n;
  const isUp = twice > denominator || (twice === denominator && whole % 2n === 1n);
  return isUp ? whole + 1n : whole;
}
