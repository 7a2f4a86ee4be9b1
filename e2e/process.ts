import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { secureHeapFlags } from '../apps/gateway/bin/secure-heap.mjs';

export const CHECKOUT = fileURLToPath(new URL('..', import.meta.url));
const COMMAND = fileURLToPath(new URL('../apps/gateway/src/cli/main.ts', import.meta.url));

export type Environment = Readonly<Record<string, string>>;

/** A process with everything it has printed. */
export interface Running {
  readonly child: ChildProcess;
  readonly stdout: () => string;
  /** Both of its outputs, in order of arrival. */
  readonly log: () => string;
  /** The exit code, or the signal that ended it, once both outputs are at their end. */
  readonly ended: Promise<number | NodeJS.Signals | null>;
}

/** `sealgate` from source, with the flags that the launcher gives it. */
export function sealgateCommand(): readonly [string, ...string[]] {
  const flags = [...secureHeapFlags(), '--import', 'tsx', '--conditions=sealgate-source'];
  return [process.execPath, ...flags, COMMAND];
}

export function runSealgate(args: readonly string[], env: Environment): Running {
  const [program, ...flags] = sealgateCommand();
  return runProgram(program, [...flags, ...args], env);
}

/** Nothing of our own environment gets in but `PATH` and `HOME`: a developer's keys are no part of a test. */
export function runProgram(
  program: string,
  args: readonly string[],
  env: Environment,
  cwd: string = CHECKOUT,
): Running {
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(program, args, {
    cwd,
    env: { PATH, HOME, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let log = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    log += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log += text;
  });
  // Should this process end first, the gateway stops its own children.
  const stopChild = (): unknown => child.kill();
  process.once('exit', stopChild);
  const ended = new Promise<number | NodeJS.Signals | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      process.off('exit', stopChild);
      resolve(code ?? signal);
    });
  });
  return { child, stdout: () => stdout, log: () => log, ended };
}
