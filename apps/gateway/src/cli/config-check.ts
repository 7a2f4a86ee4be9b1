import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { checkConfig, printFault, readConfig } from '../config.ts';
import { CommandProblem } from './command-problem.ts';
import type { Surroundings } from './surroundings.ts';

export function addConfigCommand(program: Command, surroundings: Surroundings): void {
  program
    .command('config')
    .description('Look after the configuration')
    .command('check')
    .argument('[file]', 'a file to check by itself (default: sealgate.yaml and the environment)')
    .description('Report everything that is wrong in the configuration; exit code 1 if anything is')
    .addHelpText(
      'after',
      `
Examples:
  $ sealgate config check
  $ sealgate config check deploy/sealgate.yaml`,
    )
    .action((file: string | undefined) =>
      file === undefined ? checkInstallation(surroundings) : checkFile(file, surroundings),
    );
}

async function checkInstallation({ env, stdout }: Surroundings): Promise<void> {
  const { warnings } = await readConfig(env);
  for (const warning of warnings) stdout.write(`Warning: ${warning}\n`);
  stdout.write('The configuration is sound.\n');
}

async function checkFile(file: string, { stdout }: Surroundings): Promise<void> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new CommandProblem(`${file} cannot be read: ${String(error)}`);
  });
  const faults = checkConfig(text);
  if (faults.length > 0) {
    throw new CommandProblem(faults.map((fault) => printFault(fault, file)).join('\n'));
  }
  stdout.write(`${file} is sound.\n`);
}
