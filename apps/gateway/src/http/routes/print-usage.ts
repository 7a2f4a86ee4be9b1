import { printUsd, type UsageTotals as PrintedTotals } from '@sealgate/contract';
import { NO_USAGE, type UsageGroup, type UsageTotals } from '../../customers/billing/index.ts';

export const printTotals = (totals: UsageTotals): PrintedTotals => ({
  requests: totals.requests,
  input_tokens: totals.inputTokens,
  output_tokens: totals.outputTokens,
  cost_usd: printUsd(totals.costNano),
});

export function printTiers(tiers: ReadonlyMap<string, UsageTotals>) {
  const of = (tier: string): PrintedTotals => printTotals(tiers.get(tier) ?? NO_USAGE);
  return {
    fast: of('fast'),
    balanced: of('balanced'),
    passthrough: of('passthrough'),
    byok: of('byok'),
  };
}

const HEADING = ['id', 'name', 'requests', 'input_tokens', 'output_tokens', 'cost_usd'];

/** RFC 4180. */
export const printUsageTable = (groups: readonly UsageGroup[]): string =>
  [
    HEADING,
    ...groups.map(({ id, name, ...totals }) => [
      id ?? '',
      name ?? '',
      ...Object.values(printTotals(totals)),
    ]),
  ]
    .map((row) => `${row.map((cell) => printCell(String(cell))).join(',')}\r\n`)
    .join('');

/** What a spreadsheet would take for a formula it gets as text: whoever names a key must not calculate in it. */
function printCell(text: string): string {
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
