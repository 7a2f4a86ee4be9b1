import { printUsd } from '@sealgate/contract';
import { z } from 'zod';
import { factorField, PriceFields, priceOf, printPrice, usdField } from './price-fields.ts';
import { printRatio } from './ratio.ts';
import { DEFAULT_PRICE_LIST, type PriceList } from './tariff.ts';

const MOST_FACTOR = 100n;

/** A price list as people write it. What is absent is as in the list that is built in. */
export const PriceListFields = z.strictObject({
  fast: PriceFields.optional().describe('Flat prices of nexevo/fast; 0.60 and 2.40 when absent'),
  balanced: PriceFields.optional().describe(
    'Flat prices of nexevo/balanced; 3.00 and 12.00 when absent',
  ),
  passthrough_factor: factorField(
    MOST_FACTOR,
    'On the list price of a model that is named; 1.05 when absent',
  ).optional(),
  byok: z
    .strictObject({
      share: factorField(MOST_FACTOR, 'Of the model’s list price; 0 when absent').optional(),
      fee_usd: usdField('For each request, in USD; 0 when absent').optional(),
    })
    .optional()
    .describe('For requests that the organization’s own provider key pays for'),
  cache_hit_share: factorField(
    1n,
    'Of its price, what an answer from the cache costs; 0.25 when absent',
  ).optional(),
});

export type PriceListFields = z.output<typeof PriceListFields>;

export function priceListOf(
  fields: PriceListFields,
  base: PriceList = DEFAULT_PRICE_LIST,
): PriceList {
  const { fast, balanced, byok } = fields;
  return {
    tiers: {
      fast: fast ? priceOf(fast) : base.tiers.fast,
      balanced: balanced ? priceOf(balanced) : base.tiers.balanced,
    },
    passthrough: fields.passthrough_factor ?? base.passthrough,
    byok: {
      factor: byok?.share ?? base.byok.factor,
      feeNano: byok?.fee_usd ?? base.byok.feeNano,
    },
    cacheShare: fields.cache_hit_share ?? base.cacheShare,
    planShares: base.planShares,
  };
}

/** Every field. Plans are no part of a list. */
export const printPriceList = (list: PriceList) => ({
  fast: printPrice(list.tiers.fast),
  balanced: printPrice(list.tiers.balanced),
  passthrough_factor: printRatio(list.passthrough),
  byok: { share: printRatio(list.byok.factor), fee_usd: printUsd(list.byok.feeNano) },
  cache_hit_share: printRatio(list.cacheShare),
});
