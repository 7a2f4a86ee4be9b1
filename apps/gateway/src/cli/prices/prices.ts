import type { Command } from 'commander';
import type { Surroundings } from '../surroundings.ts';
import { cancel, type CancelOptions } from './cancel.ts';
import { check } from './check.ts';
import { list } from './list.ts';
import { addSetCommand } from './set.ts';
import { readMoment, show, type ShowOptions } from './show.ts';

export function addPricesCommand(program: Command, surroundings: Surroundings): void {
  const prices = program
    .command('prices')
    .description('Show, change and check what is charged')
    .addHelpText(
      'after',
      `
The commands work on the data directory (SEALGATE_DATA_DIR) or DATABASE_URL, whether the gateway runs or not.

Examples:
  $ sealgate prices list
  $ sealgate prices set --from 2026-12-01T00:00:00Z --fast 0.55/2.20 --reason "cheaper hardware"
  $ sealgate prices cancel pls_0mhx… --reason "too early"
  $ sealgate prices show prc_7fcf5007c16a6c0049846c92`,
    );
  prices
    .command('list')
    .description('List the price lists of sealgate.yaml and of the database, and which is in force')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  $ sealgate prices list')
    .action((options: { readonly json?: boolean }) => list(options, surroundings));
  prices
    .command('show')
    .argument('[id]', 'a price list (pls_…), or what a request was charged by (prc_…)')
    .option('--at <moment>', 'the list that is in force then (default: now)', readMoment)
    .option('--json', 'print JSON')
    .description('Show a price list, or the price that stands on a charge')
    .addHelpText(
      'after',
      `
Examples:
  $ sealgate prices show
  $ sealgate prices show --at 2026-12-01T00:00:00Z
  $ sealgate prices show prc_7fcf5007c16a6c0049846c92`,
    )
    .action((id: string | undefined, options: ShowOptions) => show(id, options, surroundings));
  addSetCommand(prices, surroundings);
  prices
    .command('cancel')
    .argument('<id>', 'the id that "prices list" shows')
    .requiredOption('--reason <text>', 'why')
    .description('Take back a price list, at the latest a minute before it takes effect')
    .addHelpText('after', '\nExample:\n  $ sealgate prices cancel pls_0mhx… --reason "too early"')
    .action((id: string, options: CancelOptions) => cancel(id, options, surroundings));
  prices
    .command('check')
    .argument('<file>', 'a catalogue of list prices, as SEALGATE_PRICE_CATALOGUE names one')
    .option('--json', 'print JSON')
    .description('Report what is wrong in a price catalogue, or what it would change')
    .addHelpText('after', '\nExample:\n  $ sealgate prices check new-prices.json')
    .action((file: string, options: { readonly json?: boolean }) =>
      check(file, options, surroundings),
    );
}
