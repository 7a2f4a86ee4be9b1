import {
  nanoUsd,
  parsePricePerMillion,
  parseUsd,
  picoUsdPerToken,
  printPricePerMillion,
  printUsd,
  type NanoUsd,
  type PicoUsdPerToken,
} from '@sealgate/contract';
import { z } from 'zod';
import { completePrice, type Price } from './price.ts';
import { parseRatio, type Ratio } from './ratio.ts';

/** Prices as people write them: exact decimals. Configuration, catalogue and database hold them alike. */

/** A decimal that may also be written as a number: whoever reads the file keeps its text, so that no float comes between. */
const decimal = <Value>(
  read: (text: string) => Value | undefined,
  otherwise: string,
  description: string,
): z.ZodType<Value, string> =>
  z
    .string()
    .transform((text, context) => {
      const value = read(text);
      if (value !== undefined) return value;
      context.addIssue(otherwise);
      return z.NEVER;
    })
    .meta({ description, type: ['string', 'number'] });

const perMillion = (what: string): z.ZodType<PicoUsdPerToken, string> =>
  decimal(
    parsePricePerMillion,
    'must be dollars per million tokens with at most six decimals, such as 0.15',
    `${what}, in USD per million tokens`,
  );

const PICO_PER_NANO = 1_000n;
const PICO_PER_MICRO = 1_000_000n;

/** Six decimals of a dollar for each image are those of a price for a million tokens. */
const readImagePrice = (text: string): PicoUsdPerToken | undefined => {
  const microUsd = parsePricePerMillion(text);
  return microUsd === undefined ? undefined : picoUsdPerToken(microUsd * PICO_PER_MICRO);
};

export const PriceFields = z.strictObject({
  input: perMillion('Input'),
  output: perMillion('Output'),
  cached_input: perMillion(
    'Input that the upstream has cached; the input price when absent',
  ).optional(),
  cache_write: perMillion(
    'Input that the upstream puts into its cache; the input price when absent',
  ).optional(),
  reasoning: perMillion('Output that nobody reads; the output price when absent').optional(),
  image: decimal(
    readImagePrice,
    'must be dollars per image with at most six decimals, such as 0.002',
    'For each image of a request, in USD, beside its tokens; nothing when absent',
  ).optional(),
});

export type PriceFields = z.output<typeof PriceFields>;

export function priceOf(fields: PriceFields): Price {
  const { cached_input: cachedInput, cache_write: cacheWrite, reasoning, image } = fields;
  return completePrice({
    input: fields.input,
    output: fields.output,
    ...(cachedInput !== undefined && { cachedInput }),
    ...(cacheWrite !== undefined && { cacheWrite }),
    ...(reasoning !== undefined && { reasoning }),
    ...(image !== undefined && { image }),
  });
}

export type PrintedPrice = Readonly<Record<keyof PriceFields, string>>;

/** Every field, also those that have their usual value. */
export const printPrice = (price: Price): PrintedPrice => ({
  input: printPricePerMillion(price.input),
  output: printPricePerMillion(price.output),
  cached_input: printPricePerMillion(price.cachedInput),
  cache_write: printPricePerMillion(price.cacheWrite),
  reasoning: printPricePerMillion(price.reasoning),
  image: printUsd(nanoUsd(price.image / PICO_PER_NANO)),
});

/** At most `most`. */
export const factorField = (most: bigint, description: string): z.ZodType<Ratio, string> =>
  decimal(
    (text) => {
      const ratio = parseRatio(text);
      return ratio && ratio.of <= most * ratio.per ? ratio : undefined;
    },
    `must be a factor from 0 to ${most} with at most six decimals, such as 0.25`,
    description,
  );

export const usdField = (description: string): z.ZodType<NanoUsd, string> =>
  decimal(
    (text) => {
      const amount = parseUsd(text);
      return amount !== undefined && amount >= 0n && amount < MOST_NANO ? amount : undefined;
    },
    'must be dollars below a million with at most nine decimals, such as 0.0001',
    description,
  );

const MOST_NANO = 1_000_000n * 1_000_000_000n;

/** So that what is left of the whole has six decimals, as every factor. */
const MOST_PARTS = 10_000n;

/** From nothing to less than everything. */
export const percentField = (description: string): z.ZodType<Ratio, string> =>
  decimal(
    (text) => {
      const percent = parseRatio(text);
      const isSmall = percent && percent.of < 100n * percent.per && percent.per <= MOST_PARTS;
      return isSmall ? percent : undefined;
    },
    'must be per cent from 0 to below 100 with at most four decimals, such as 12.5',
    description,
  );

/** RFC 3339, with the offset: a moment is the same everywhere. */
export const momentField = (description: string): z.ZodType<number, string> =>
  z
    .string()
    .transform((text, context) => {
      const isWhole = z.iso.datetime({ offset: true }).safeParse(text).success;
      if (isWhole) return Date.parse(text);
      context.addIssue('must be a moment with its offset from UTC, such as 2026-12-01T00:00:00Z');
      return z.NEVER;
    })
    .meta({ description, format: 'date-time', type: 'string' });
