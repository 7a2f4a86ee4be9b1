import { printUsd } from '@sealgate/contract';
import { z } from 'zod';
import {
  factorField,
  PriceFields,
  priceOf,
  printPrice,
  usdField,
  type PrintedPrice,
} from './price-fields.ts';
import { printRatio } from './ratio.ts';
import { BILLING_TIERS, versionOf, type Tariff } from './tariff.ts';

/** A tariff as it is kept: whoever reads it can calculate the charge again. */
const TariffFields = z.object({
  tier: z.enum(BILLING_TIERS),
  price: PriceFields,
  factor: factorField(1_000_000n, ''),
  fee_usd: usdField(''),
  cache_hit_share: factorField(1n, ''),
  plan_share: factorField(1n, ''),
});

export type PrintedTariff = Omit<z.input<typeof TariffFields>, 'price'> & {
  readonly price: PrintedPrice;
};

export const printTariff = (tariff: Tariff): PrintedTariff => ({
  tier: tariff.tier,
  price: printPrice(tariff.price),
  factor: printRatio(tariff.factor),
  fee_usd: printUsd(tariff.feeNano),
  cache_hit_share: printRatio(tariff.cacheShare),
  plan_share: printRatio(tariff.planShare),
});

export function readTariff(printed: unknown): Tariff {
  const fields = TariffFields.parse(printed);
  const terms = {
    tier: fields.tier,
    price: priceOf(fields.price),
    factor: fields.factor,
    feeNano: fields.fee_usd,
    cacheShare: fields.cache_hit_share,
    planShare: fields.plan_share,
  };
  return { ...terms, version: versionOf(terms) };
}
