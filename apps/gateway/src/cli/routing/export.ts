import type { Command } from 'commander';
import { printLogLine, readLog } from '../../inference/insight/index.ts';
import { asOperator } from '../as-operator.ts';
import type { Surroundings } from '../surroundings.ts';
import { addPeriodOptions, type PeriodOptions } from './period-options.ts';

interface ExportOptions extends PeriodOptions {
  readonly organization?: string;
  readonly features?: boolean;
}

const DAYS = 30;

export function addExportCommand(routing: Command, surroundings: Surroundings): void {
  addPeriodOptions(routing.command('export'), DAYS)
    .description('Print decisions with their votes as lines of JSON, the newest first')
    .option('--organization <id>', 'only of this one')
    .option('--features', 'with the hashed words of prompts, where they are kept')
    .addHelpText(
      'after',
      `
A line says which models could serve, what was expected of each and with which probability it was drawn, who served, what
it cost and how somebody voted. It has no prompt, no answer, no person and no key. Hashed words are not secret from who
guesses them: leave --features away from what leaves the house.

Examples:
  $ sealgate routing export > log.jsonl
  $ sealgate routing export --days 7 --tier auto | sealgate routing replay -
  $ sealgate routing export | jq -r 'select(.rating == -1) | .generation_id'`,
    )
    .action((options: ExportOptions) => exportLog(options, surroundings));
}

async function exportLog(
  { days, tier, organization, features }: ExportOptions,
  surroundings: Surroundings,
): Promise<void> {
  const question = { days, tier, organizationId: organization, withFeatures: features === true };
  await asOperator(surroundings, async (ctx) => {
    for await (const decision of readLog(ctx, question))
      surroundings.stdout.write(`${printLogLine(decision)}\n`);
  });
}
