import type { Config } from '../../config.ts';
import { covers, inOrder, listAt, type PriceList } from '../../customers/billing/index.ts';
import type { Catalogue, TierName } from '../../inference/upstreams/index.ts';
import { note, type Finding } from './finding.ts';

/** `auto` is charged as the dearer tier at most. */
const CHARGED_AS = { fast: 'fast', balanced: 'balanced', auto: 'balanced' } as const;
const TIERS: readonly TierName[] = ['fast', 'balanced', 'auto'];
const NAMED = 3;

/** Tiers have flat prices. Which of their models cost the operator more, by the price lists of the configuration? */
export function checkTierPrices(
  { priceLists }: Pick<Config, 'priceLists'>,
  catalogue: Catalogue,
  nowMs: number,
): readonly Finding[] {
  const { list } = listAt(inOrder(priceLists), nowMs);
  return TIERS.flatMap((tier) => describe(tier, dearerThan(list, catalogue, tier)));
}

function dearerThan({ tiers }: PriceList, { pools }: Catalogue, tier: TierName): string[] {
  const flat = tiers[CHARGED_AS[tier]];
  return pools[tier].filter(({ price }) => price && !covers(flat, price)).map(({ id }) => id);
}

function describe(tier: TierName, dearer: readonly string[]): Finding[] {
  if (dearer.length === 0) return [];
  const others = dearer.length > NAMED ? ` and ${dearer.length - NAMED} more` : '';
  return [
    note(
      `tier ${tier}`,
      `It is sold below cost where these serve: ${dearer.slice(0, NAMED).join(', ')}${others}.`,
      'List other models under "tiers" in sealgate.yaml, or charge more: sealgate prices set.',
    ),
  ];
}
