import { createReadStream } from 'node:fs';
import { InvalidArgumentError, type Command } from 'commander';
import { printPolicy } from '../../http/index.ts';
import {
  LogFault,
  POLICY_FORMS,
  readPolicy,
  replayLog,
  type Policy,
  type ReplayedLog,
} from '../../inference/insight/index.ts';
import { CommandProblem } from '../command-problem.ts';
import { printJson, type Input, type Surroundings } from '../surroundings.ts';
import { printTable } from '../table.ts';
import { describePolicies } from './describe.ts';
import { addTierOption, type Tier } from './period-options.ts';
import { LineTooLong, linesOf } from './lines-of.ts';

interface ReplayOptions {
  readonly policy?: readonly Policy[];
  readonly tier?: Tier;
  readonly json?: boolean;
}

const DEFAULT_POLICIES = ['current', 'best', 'cheapest', 'fastest', 'random'];

export function addReplayCommand(routing: Command, surroundings: Surroundings): void {
  addTierOption(routing.command('replay'))
    .argument('<log>', 'a file that "routing export" has made; "-" reads standard input')
    .description('Tell what other ways of choosing would have been worth on a log')
    .option(
      '--policy <name...>',
      `what to try, one or several (default: ${DEFAULT_POLICIES.join(' ')})`,
      collectPolicy,
    )
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Policies:
${printTable(Object.entries(POLICY_FORMS).map(([form, meaning]) => [`  ${form}`, meaning])).trimEnd()}

VOTES ONLY and ROBUST are the share of answers that would have got a good vote, each with its interval. A value rests on
VOTES THAT FIT: below 30, or below 50 votes in all, or where a policy chooses what was hardly ever tried, none is shown.
Costs and times are those that were expected. No database and no gateway is needed.

Examples:
  $ sealgate routing replay log.jsonl
  $ sealgate routing replay log.jsonl --tier auto --policy current always:local/math always:local/words
  $ sealgate routing replay log.jsonl --policy current weights:lambda=0.3,mu=0.04
  $ sealgate routing export --days 90 | sealgate routing replay - --json`,
    )
    .action((file: string, options: ReplayOptions) => replay(file, options, surroundings));
}

function collectPolicy(text: string, before: readonly Policy[] = []): readonly Policy[] {
  const policy = readPolicy(text);
  if (policy !== undefined) return [...before, policy];
  throw new InvalidArgumentError(`It must be one of ${Object.keys(POLICY_FORMS).join(', ')}.`);
}

async function replay(
  file: string,
  { policy, tier, json }: ReplayOptions,
  surroundings: Surroundings,
): Promise<void> {
  const policies = policy ?? DEFAULT_POLICIES.flatMap((name) => readPolicy(name) ?? []);
  const input: Input = file === '-' ? surroundings.openInput() : createReadStream(file);
  const report = await replayLog(linesOf(input), policies, tier).catch((error: unknown) => {
    throw problemOf(error, file === '-' ? 'standard input' : file);
  });
  if (report.decisions === 0) {
    throw new CommandProblem(
      `There is no decision${tier === undefined ? '' : ` of the tier ${tier}`} in the log. "sealgate routing export" makes one.`,
    );
  }
  if (json) return printJson(surroundings, printReport(report));
  surroundings.stdout.write(describeReport(report));
}

function problemOf(error: unknown, file: string): unknown {
  if (error instanceof LogFault || error instanceof LineTooLong) {
    return new CommandProblem(
      `${file}, line ${error.line}: ${error.message}. Correct the line or delete it, or export the log again with "sealgate routing export".`,
    );
  }
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'EISDIR'
    ? new CommandProblem(`There is no file "${file}".`)
    : error;
}

const printReport = ({ decisions, drawn, policies }: ReplayedLog) => ({
  decisions,
  drawn,
  policies: policies.map(printPolicy),
});

const describeReport = ({ decisions, drawn, policies }: ReplayedLog): string =>
  `${decisions} decisions, ${drawn} of them drawn\n\n${describePolicies(policies)}`;
