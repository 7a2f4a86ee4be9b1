/** An amount of money in nano-dollars (10⁻⁹ USD). */
export type NanoUsd = bigint & { readonly __unit: 'nano-usd' };

/** A price in pico-dollars (10⁻¹² USD) per token: the number of a list price in micro-dollars per million tokens. */
export type PicoUsdPerToken = bigint & { readonly __unit: 'pico-usd-per-token' };

export const nanoUsd = (value: bigint): NanoUsd => value as NanoUsd;
export const picoUsdPerToken = (value: bigint): PicoUsdPerToken => value as PicoUsdPerToken;

const NANO_DIGITS = 9;
const PRICE_DIGITS = 6;

/** Reads a decimal dollar amount such as `"12.5"`; more than nine decimals, signs other than `-` and exponents are refused. */
export function parseUsd(text: string): NanoUsd | undefined {
  const value = parseDecimal(text, NANO_DIGITS);
  return value === undefined ? undefined : nanoUsd(value);
}

/** Prints with at least two and at most nine decimals: `"10.00"`, `"0.000038"`. */
export function printUsd(amount: NanoUsd): string {
  return printDecimal(amount, NANO_DIGITS);
}

/** Reads a list price in dollars per million tokens, e.g. `"0.15"` → 150 000 pico-dollars per token. */
export function parsePricePerMillion(text: string): PicoUsdPerToken | undefined {
  const value = parseDecimal(text, PRICE_DIGITS);
  return value === undefined || value < 0n ? undefined : picoUsdPerToken(value);
}

/** Prints a price per token as dollars per million tokens. */
export function printPricePerMillion(price: PicoUsdPerToken): string {
  return printDecimal(price, PRICE_DIGITS);
}

function parseDecimal(text: string, digits: number): bigint | undefined {
  const match = /^(-?)(\d{1,12})(?:\.(\d+))?$/.exec(text);
  if (!match) return undefined;
  const [, sign, whole = '0', fraction = ''] = match;
  if (fraction.length > digits) return undefined;
  const value = BigInt(whole + fraction.padEnd(digits, '0'));
  return sign === '-' ? -value : value;
}

function printDecimal(value: bigint, digits: number): string {
  const sign = value < 0n ? '-' : '';
  const text = (value < 0n ? -value : value).toString().padStart(digits + 1, '0');
  const fraction = text.slice(-digits).replace(/0+$/, '').padEnd(2, '0');
  return `${sign}${text.slice(0, -digits)}.${fraction}`;
}
