import { GEO_POLICIES, parseUsd, type GeoPolicy, type NanoUsd } from '@sealgate/contract';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { createAddressRanges } from '../platform/net/index.ts';

/** What `keys create` can limit a key by. */
export interface KeyOptions {
  readonly models?: readonly string[];
  readonly expires?: Expiry;
  readonly rpm?: number;
  readonly cap?: NanoUsd;
  readonly geo?: GeoPolicy;
  readonly ip?: readonly string[];
}

/** When a key ends, once it is known when it begins. */
export type Expiry = (nowMs: number) => Date;

export const addKeyOptions = (command: Command): Command =>
  command
    .option('--models <ids>', 'the only models it may use, separated by commas', parseList)
    .option('--expires <when>', 'when it ends by itself: 30d, 12h, 2027-01-31', parseExpiry)
    .option('--rpm <count>', 'requests per minute (default: SEALGATE_RATE_LIMIT_RPM)', parseCount)
    .option('--cap <usd>', 'what it may spend in a calendar month', parseCap)
    .addOption(new Option('--geo <policy>', 'where its providers are').choices(GEO_POLICIES))
    .option('--ip <ranges>', 'the only addresses and ranges it is used from', parseRanges);

const UNIT_MS: Readonly<Record<string, number>> = { h: 3_600_000, d: 24 * 3_600_000 };
const MAX_CAP_NANO = 999_999_999_999_999_999n;

function parseList(text: string): string[] {
  const entries = text.split(',').map((entry) => entry.trim());
  if (entries.includes('')) throw new InvalidArgumentError('An entry is empty.');
  return entries;
}

function parseCount(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text))
    throw new InvalidArgumentError('It must be a whole number from 1 to 999999.');
  return Number(text);
}

function parseExpiry(text: string): Expiry {
  const [, count, unit = ''] = /^([1-9]\d{0,4})([hd])$/.exec(text) ?? [];
  const unitMs = UNIT_MS[unit];
  if (unitMs !== undefined) return (nowMs) => new Date(nowMs + Number(count) * unitMs);
  const date = new Date(/^\d{4}-\d{2}-\d{2}(T[\d:.]+Z)?$/.test(text) ? text : Number.NaN);
  if (Number.isNaN(date.getTime())) {
    throw new InvalidArgumentError(
      'It must be a time such as 30d or 12h, or a date such as 2027-01-31 (UTC).',
    );
  }
  return () => date;
}

function parseCap(text: string): NanoUsd {
  const cap = parseUsd(text);
  if (cap === undefined || cap < 0n || cap > MAX_CAP_NANO)
    throw new InvalidArgumentError('It must be an amount of US dollars such as 100.00.');
  return cap;
}

function parseRanges(text: string): string[] {
  const ranges = parseList(text);
  try {
    createAddressRanges(ranges);
  } catch {
    throw new InvalidArgumentError('It must be addresses or ranges such as 203.0.113.0/24.');
  }
  return ranges;
}
