import { CommanderError } from 'commander';
import { explainFailure } from './explain-failure.ts';
import { createProgram } from './program.ts';
import type { Surroundings } from './surroundings.ts';

const FAILED = 1;
const NOT_UNDERSTOOD = 2;

/** Runs one command and returns its exit code. */
export async function run(args: readonly string[], surroundings: Surroundings): Promise<number> {
  try {
    await createProgram(surroundings).parseAsync(args, { from: 'user' });
    return 0;
  } catch (error) {
    // Commander has printed what it did not understand, or the help that was asked for.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : NOT_UNDERSTOOD;
    surroundings.stderr.write(`${await explainFailure(error)}\n`);
    return FAILED;
  }
}
