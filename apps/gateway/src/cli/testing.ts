import { Readable } from 'node:stream';
import { run } from './run.ts';

export interface Outcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Of a gateway that starts at once, says nothing and finds nothing; it still needs `SEALGATE_DATA_DIR`. */
export const BARE = {
  SEALGATE_PORT: '0',
  SEALGATE_SEALED: 'off',
  SEALGATE_LOCAL_MODELS: 'off',
  SEALGATE_DISCOVER: 'off',
  SEALGATE_LOG_LEVEL: 'silent',
} as const;

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
