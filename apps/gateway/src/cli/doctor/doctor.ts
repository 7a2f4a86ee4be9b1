import type { Command } from 'commander';
import { readConfig } from '../../config.ts';
import { CommandProblem } from '../command-problem.ts';
import { printJson, type Surroundings } from '../surroundings.ts';
import { checkDatabase } from './check-database.ts';
import { checkExposure } from './check-exposure.ts';
import { checkMasterKeySource } from './check-master-key.ts';
import { checkProtection } from './check-protection.ts';
import { checkUpstreams } from './check-upstreams.ts';
import type { Finding } from './finding.ts';

interface DoctorOptions {
  readonly json?: boolean;
}

const MARKS = { good: '✓', note: '!', problem: '✗' } as const;

export function addDoctorCommand(program: Command, surroundings: Surroundings): void {
  program
    .command('doctor')
    .description(
      'Show what is protected and what is not, with fixes; exit code 1 if there is a problem',
    )
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
It reads the same configuration as "sealgate start" and examines this machine, whether the gateway runs or not.

Examples:
  $ sealgate doctor
  $ sealgate doctor --json | jq '.[] | select(.state == "problem")'`,
    )
    .action((options: DoctorOptions) => examine(options, surroundings));
}

async function examine(options: DoctorOptions, surroundings: Surroundings): Promise<void> {
  const config = await readConfig(surroundings.env);
  const findings = (
    await Promise.all([
      checkProtection(config),
      checkExposure(config),
      checkDatabase(config),
      checkMasterKeySource(config),
      checkUpstreams(config),
    ])
  ).flat();
  if (options.json) printJson(surroundings, findings);
  else surroundings.stdout.write(findings.map(print).join(''));
  const problems = findings.filter(({ state }) => state === 'problem').length;
  if (problems > 0)
    throw new CommandProblem(problems === 1 ? 'One problem.' : `${problems} problems.`);
}

function print({ name, state, text, fix }: Finding): string {
  const line = `${MARKS[state]} ${name}: ${text}\n`;
  return fix === undefined ? line : `${line}    → ${fix}\n`;
}
