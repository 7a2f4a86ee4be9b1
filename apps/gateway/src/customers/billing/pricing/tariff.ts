import { nanoUsd, picoUsdPerToken, type NanoUsd } from '@sealgate/contract';
import { createHash } from 'node:crypto';
import { completePrice, type Price } from './price.ts';

export type BillingTier = 'fast' | 'balanced' | 'passthrough' | 'byok';

/** An exact factor, e.g. 105 / 100 for list price + 5 %. */
export interface Ratio {
  readonly of: bigint;
  readonly per: bigint;
}

/** By what a request is charged. Two tariffs of one version are the same to the last digit. */
export interface Tariff {
  readonly tier: BillingTier;
  readonly price: Price;
  readonly factor: Ratio;
  /** For the request as such. */
  readonly feeNano: NanoUsd;
  /** `prc_…`: a digest of everything above, stamped on each charge. */
  readonly version: string;
}

/** What this installation charges. Models with a price of their own are in the catalogue. */
export interface PriceList {
  /** Flat prices of the tiers, whichever model serves. */
  readonly tiers: Readonly<Record<'fast' | 'balanced', Price>>;
  /** On the list price of a model that was named. */
  readonly passthrough: Ratio;
  /** For requests that the organization's own provider key pays for: a share of the list price, and a fee. */
  readonly byok: { readonly factor: Ratio; readonly feeNano: NanoUsd };
}

/** 0.60 / 2.40 and 3.00 / 12.00 USD per million tokens, list price + 5 %, own keys free. */
export const DEFAULT_PRICE_LIST: PriceList = {
  tiers: { fast: flat(600_000n, 2_400_000n), balanced: flat(3_000_000n, 12_000_000n) },
  passthrough: { of: 105n, per: 100n },
  byok: { factor: { of: 0n, per: 1n }, feeNano: nanoUsd(0n) },
};

const LIST_PRICE: Ratio = { of: 1n, per: 1n };
const NOTHING = flat(0n, 0n);

/** What a request asked for, as far as it decides who is paid. */
export interface TariffQuestion {
  /** `undefined`: a model that was named. */
  readonly tier: 'fast' | 'balanced' | 'auto' | undefined;
  /** Of the model that serves; `undefined`: not known. */
  readonly price: Price | undefined;
  /** Does the organization's own provider key serve it? */
  readonly isOwnKey: boolean;
}

/** `undefined`: there is no price for it, so it must not be served. */
export function tariffFor(list: PriceList, question: TariffQuestion): Tariff | undefined {
  const { price } = question;
  const tier = billingTierOf(list, question);
  if (tier === 'fast' || tier === 'balanced') return tariff(tier, list.tiers[tier], LIST_PRICE);
  if (tier === 'byok') {
    const { factor, feeNano } = list.byok;
    // Where only a fee is charged, nobody needs to know what the model costs.
    const shared = factor.of === 0n ? (price ?? NOTHING) : price;
    return shared && tariff(tier, shared, factor, feeNano);
  }
  return price && tariff(tier, price, list.passthrough);
}

/** `auto` is charged as the tier that served: the cheapest one whose flat price covers the model's list price. */
function billingTierOf(
  { tiers }: PriceList,
  { tier, price, isOwnKey }: TariffQuestion,
): BillingTier {
  if (isOwnKey) return 'byok';
  if (tier === undefined) return 'passthrough';
  if (tier !== 'auto') return tier;
  return price && price.output > tiers.fast.output ? 'balanced' : 'fast';
}

/** Prices are objects of the catalogue, so that each tariff is made and digested once. */
const known = new WeakMap<Price, Tariff[]>();

function tariff(tier: BillingTier, price: Price, factor: Ratio, feeNano = nanoUsd(0n)): Tariff {
  const ofPrice = known.get(price) ?? [];
  known.set(price, ofPrice);
  const found = ofPrice.find(
    (each) => each.tier === tier && each.factor === factor && each.feeNano === feeNano,
  );
  if (found) return found;
  const version = digest([tier, ...numbersOf(price), factor.of, factor.per, feeNano]);
  const made = { tier, price, factor, feeNano, version };
  ofPrice.push(made);
  return made;
}

/** In an order of their own: a price is the same however it was put together. */
const numbersOf = (price: Price): readonly bigint[] => [
  price.input,
  price.cachedInput,
  price.cacheWrite,
  price.output,
  price.reasoning,
  price.image,
];

const digest = (parts: readonly (string | bigint)[]): string =>
  `prc_${createHash('sha256').update(parts.join(' ')).digest('hex').slice(0, 24)}`;

function flat(input: bigint, output: bigint): Price {
  return completePrice({ input: picoUsdPerToken(input), output: picoUsdPerToken(output) });
}
