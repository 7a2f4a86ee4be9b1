import { Readable } from 'node:stream';
import { run } from './run.ts';

export interface Outcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command as `main.ts` does, but for where it reads and writes. */
export async function runCommand(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  input = '',
): Promise<Outcome> {
  let stdout = '';
  let stderr = '';
  const exitCode = await run(args, {
    env,
    stdout: { isTerminal: false, write: (text) => void (stdout += text) },
    stderr: { isTerminal: false, write: (text) => void (stderr += text) },
    readInput: async () => input,
    openInput: () => Readable.from(Buffer.from(input)),
  });
  return { exitCode, stdout, stderr };
}
