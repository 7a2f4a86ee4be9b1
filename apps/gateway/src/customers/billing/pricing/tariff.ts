import { nanoUsd, picoUsdPerToken, type NanoUsd } from '@sealgate/contract';
import { createHash } from 'node:crypto';
import { completePrice, type Price } from './price.ts';
import { isSameRatio, WHOLE, type Ratio } from './ratio.ts';

export const BILLING_TIERS = ['fast', 'balanced', 'passthrough', 'byok'] as const;
export type BillingTier = (typeof BILLING_TIERS)[number];

/** By what a request is charged. Two tariffs of one version are the same to the last digit. */
export interface Tariff {
  readonly tier: BillingTier;
  readonly price: Price;
  readonly factor: Ratio;
  /** For the request as such. */
  readonly feeNano: NanoUsd;
  /** What an answer from the cache costs of it all. At most the whole. */
  readonly cacheShare: Ratio;
  /** What the organization's plan leaves of it all. More than nothing, at most the whole. */
  readonly planShare: Ratio;
  /** `prc_…`: a digest of everything above, stamped on each charge. */
  readonly version: string;
}

export type PlanShares = Readonly<Record<BillingTier, Ratio>>;

/** What this installation charges. Models with a price of their own are in the catalogue. */
export interface PriceList {
  /** Flat prices of the tiers, whichever model serves. */
  readonly tiers: Readonly<Record<'fast' | 'balanced', Price>>;
  /** On the list price of a model that was named. */
  readonly passthrough: Ratio;
  /** For requests that the organization's own provider key pays for: a share of the list price, and a fee. */
  readonly byok: { readonly factor: Ratio; readonly feeNano: NanoUsd };
  readonly cacheShare: Ratio;
  /** Of an organization's plan; the whole where nobody is asked about. */
  readonly planShares: PlanShares;
}

export const NO_DISCOUNT: PlanShares = {
  fast: WHOLE,
  balanced: WHOLE,
  passthrough: WHOLE,
  byok: WHOLE,
};

/** 0.60 / 2.40 and 3.00 / 12.00 USD per million tokens, list price + 5 %, own keys free, a quarter for cache hits. */
export const DEFAULT_PRICE_LIST: PriceList = {
  tiers: { fast: flat(600_000n, 2_400_000n), balanced: flat(3_000_000n, 12_000_000n) },
  passthrough: { of: 105n, per: 100n },
  byok: { factor: { of: 0n, per: 1n }, feeNano: nanoUsd(0n) },
  cacheShare: { of: 25n, per: 100n },
  planShares: NO_DISCOUNT,
};

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
  const { cacheShare, planShares } = list;
  const shared = { tier, feeNano: nanoUsd(0n), cacheShare, planShare: planShares[tier] };
  if (tier === 'fast' || tier === 'balanced') {
    return tariff({ ...shared, price: list.tiers[tier], factor: WHOLE });
  }
  if (tier === 'byok') {
    // Where only a fee is charged, nobody needs to know what the model costs.
    const base = list.byok.factor.of === 0n ? (price ?? NOTHING) : price;
    return base && tariff({ ...shared, price: base, ...list.byok });
  }
  return price && tariff({ ...shared, price, factor: list.passthrough });
}

/** `auto` is charged as the tier that served: the cheapest one whose flat price covers the model's list price. */
function billingTierOf(
  { tiers }: PriceList,
  { tier, price, isOwnKey }: TariffQuestion,
): BillingTier {
  if (isOwnKey) return 'byok';
  if (tier === undefined) return 'passthrough';
  if (tier !== 'auto') return tier;
  return price === undefined || covers(tiers.fast, price) ? 'fast' : 'balanced';
}

/** Is every token charged at no less than what it costs? */
export const covers = (flat: Price, list: Price): boolean =>
  PARTS.every((part) => list[part] <= flat[part]);

const PARTS = ['input', 'cachedInput', 'cacheWrite', 'output', 'reasoning', 'image'] as const;

type Terms = Omit<Tariff, 'version'>;

/** Prices are objects of the catalogue or of a list, so that each tariff is made and digested once. */
const known = new WeakMap<Price, Tariff[]>();

function tariff(terms: Terms): Tariff {
  const ofPrice = known.get(terms.price) ?? [];
  known.set(terms.price, ofPrice);
  const found = ofPrice.find((each) => areSame(each, terms));
  if (found) return found;
  const made = { ...terms, version: versionOf(terms) };
  ofPrice.push(made);
  return made;
}

const areSame = (one: Terms, other: Terms): boolean =>
  one.tier === other.tier &&
  one.feeNano === other.feeNano &&
  isSameRatio(one.factor, other.factor) &&
  isSameRatio(one.cacheShare, other.cacheShare) &&
  isSameRatio(one.planShare, other.planShare);

/** The shares came later: what was charged before there were any keeps its version. */
export function versionOf({ tier, price, factor, feeNano, cacheShare, planShare }: Terms): string {
  const isAsBefore =
    isSameRatio(cacheShare, DEFAULT_PRICE_LIST.cacheShare) && isSameRatio(planShare, WHOLE);
  const shares = [cacheShare.of, cacheShare.per, planShare.of, planShare.per];
  return digest([
    tier,
    ...numbersOf(price),
    factor.of,
    factor.per,
    feeNano,
    ...(isAsBefore ? [] : shares),
  ]);
}

/** In an order of their own: a price is the same however it was put together. */
const numbersOf = (price: Price): readonly bigint[] => PARTS.map((part) => price[part]);

const digest = (parts: readonly (string | bigint)[]): string =>
  `prc_${createHash('sha256').update(parts.join(' ')).digest('hex').slice(0, 24)}`;

function flat(input: bigint, output: bigint): Price {
  return completePrice({ input: picoUsdPerToken(input), output: picoUsdPerToken(output) });
}
