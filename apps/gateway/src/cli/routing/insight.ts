import type { Command } from 'commander';
import { printInsight } from '../../http/index.ts';
import { readInsightOfAll, type RoutingInsight } from '../../inference/insight/index.ts';
import { asOperator } from '../as-operator.ts';
import { printJson, type Surroundings } from '../surroundings.ts';
import { describeTier } from './describe.ts';
import { addPeriodOptions, type PeriodOptions } from './period-options.ts';

interface InsightOptions extends PeriodOptions {
  readonly json?: boolean;
}

const DAYS = 7;

export function addInsightCommand(routing: Command, surroundings: Surroundings): void {
  addPeriodOptions(routing.command('insight'), DAYS)
    .description('Show how the tiers have done for all organizations together')
    .option('--json', 'print JSON, as GET /v1/routing/insight does for one organization')
    .addHelpText(
      'after',
      `
GOOD is the share of good votes, EXPECTED what the router expected it to be. VOTES ONLY and ROBUST are what a policy would have been worth: the share of its answers
that would have got a good vote (self-normalised inverse propensity, and doubly robust). They are about decisions that the
router drew; "?" says why nothing is claimed. COST USD is what was charged, USD/1000 what the models' own prices say.
Only the newest million decisions are looked at.

Examples:
  $ sealgate routing insight
  $ sealgate routing insight --days 30 --tier auto
  $ sealgate routing insight --json | jq '.tiers[].exploration'`,
    )
    .action((options: InsightOptions) => show(options, surroundings));
}

async function show(
  { days, tier, json }: InsightOptions,
  surroundings: Surroundings,
): Promise<void> {
  const insight = await asOperator(surroundings, (ctx) => readInsightOfAll(ctx, { days, tier }));
  if (json) return printJson(surroundings, printInsight(insight));
  surroundings.stdout.write(describe(insight));
}

function describe({ from, to, timeZone, tiers, isTruncated, since }: RoutingInsight): string {
  const period = `From ${from} to ${to} (${timeZone})`;
  if (tiers.length === 0) return `${period} no tier was asked for.\n`;
  const start = isTruncated ? `, of which all before ${since?.toISOString()} is left out` : '';
  return `${period}${start}\n\n${tiers.map(describeTier).join('\n\n')}`;
}
