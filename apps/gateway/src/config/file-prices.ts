import { z } from 'zod';
import {
  BILLING_TIERS,
  lessPercent,
  momentField,
  PAY_AS_YOU_GO,
  percentField,
  PriceFields,
  priceListOf,
  PriceListFields,
  usdField,
  type Plan,
  type ScheduledList,
} from '../customers/billing/index.ts';

/** The parts of `sealgate.yaml` about what is charged. */

export const FilePriceList = PriceListFields.extend({
  effective_from: momentField('From when on these prices are charged'),
});

const discount = (tier: string) =>
  percentField(`Off what a request of the tier ${tier} costs, in per cent`).optional();

export const FilePlan = z.strictObject({
  id: z
    .string()
    .regex(/^[a-z0-9][a-z0-9_-]{0,31}$/, 'must be 1 to 32 of a-z, 0-9, _ and -')
    .refine(
      (id) => id !== PAY_AS_YOU_GO.id,
      'is the plan that is always there, without a fee and without discounts',
    )
    .describe('How organizations book it'),
  name: z.string().min(1).max(60).describe('How people read it, also on invoices'),
  monthly_fee_usd: usdField('For each calendar month, in USD'),
  discount_percent: z
    .strictObject({
      fast: discount('fast'),
      balanced: discount('balanced'),
      passthrough: discount('passthrough'),
      byok: discount('byok'),
    })
    .default({})
    .describe('What organizations with this plan pay less; nothing when absent'),
});

export type FilePriceList = z.output<typeof FilePriceList>;
export type FilePlan = z.output<typeof FilePlan>;

/** Fields that may be written as numbers, and are read as their text. */
export const DECIMALS: ReadonlySet<string> = new Set([
  ...Object.keys(PriceFields.shape),
  'passthrough_factor',
  'share',
  'fee_usd',
  'cache_hit_share',
  'monthly_fee_usd',
  ...BILLING_TIERS,
]);

export const scheduledList = ({ effective_from, ...fields }: FilePriceList): ScheduledList => ({
  effectiveFromMs: effective_from,
  list: priceListOf(fields),
  id: undefined,
});

export function planOf({ id, name, monthly_fee_usd, discount_percent: off }: FilePlan): Plan {
  const share = (tier: (typeof BILLING_TIERS)[number]) => lessPercent(off[tier] ?? NOTHING);
  return {
    id,
    name,
    monthlyFeeNano: monthly_fee_usd,
    shares: {
      fast: share('fast'),
      balanced: share('balanced'),
      passthrough: share('passthrough'),
      byok: share('byok'),
    },
  };
}

const NOTHING = { of: 0n, per: 1n };
