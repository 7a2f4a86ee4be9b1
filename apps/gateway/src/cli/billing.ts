import { printUsd } from '@sealgate/contract';
import type { Command } from 'commander';
import { reconcile, type Reconciliation } from '../customers/billing/index.ts';
import { asOperator } from './as-operator.ts';
import { CommandProblem } from './command-problem.ts';
import { printJson, type Surroundings } from './surroundings.ts';
import { printTable } from './table.ts';

export function addBillingCommand(program: Command, surroundings: Surroundings): void {
  program
    .command('billing')
    .description('Check the books')
    .command('reconcile')
    .description('Hold transfers, wallets and generations against each other')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
The exit code is 1 when the books do not balance. The gateway may run meanwhile.

Example:
  $ sealgate billing reconcile`,
    )
    .action((options: { readonly json?: boolean }) => check(options, surroundings));
}

async function check(
  { json }: { readonly json?: boolean },
  surroundings: Surroundings,
): Promise<void> {
  const report = await asOperator(surroundings, reconcile);
  if (json) printJson(surroundings, printReport(report));
  else surroundings.stdout.write(describeReport(report));
  const { length } = report.discrepancies;
  if (length > 0) throw new CommandProblem(`The books do not balance: ${length} differences.`);
}

const printReport = ({ discrepancies, ...counts }: Reconciliation) => ({
  ...counts,
  discrepancies: discrepancies.map(({ check, subject, expectedNano, foundNano }) => ({
    check,
    subject,
    expected_usd: printUsd(expectedNano),
    found_usd: printUsd(foundNano),
  })),
});

function describeReport({
  wallets,
  transfers,
  generations,
  discrepancies,
}: Reconciliation): string {
  const looked = `${wallets} wallets, ${transfers} transfers, ${generations} generations that cost something`;
  if (discrepancies.length === 0) return `The books balance: ${looked}.\n`;
  const rows = discrepancies.map(({ check, subject, expectedNano, foundNano }) => [
    check,
    subject,
    printUsd(expectedNano),
    printUsd(foundNano),
  ]);
  return `${looked}\n${printTable([['BROKEN', 'WHERE', 'EXPECTED USD', 'FOUND USD'], ...rows])}`;
}
