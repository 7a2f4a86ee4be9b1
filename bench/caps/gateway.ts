import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { answering, freePort } from '../src/listening.ts';

const COMMAND = fileURLToPath(new URL('../../apps/gateway/bin/sealgate.mjs', import.meta.url));

export type Variables = Readonly<Record<string, string>>;

/** One gateway process on a data directory of its own, which can be killed and started again. */
export interface RacingGateway {
  readonly url: string;
  /** SIGKILL of the gateway itself, as the kernel does it, and a new start on the same data. Resolves when it answers. */
  killAndRestart(): Promise<void>;
  stop(): Promise<void>;
}

export async function startRacer(env: Variables): Promise<RacingGateway> {
  const directory = await mkdtemp(join(tmpdir(), 'sealgate-racer-'));
  const port = await freePort();
  const variables = { ...env, SEALGATE_PORT: String(port), SEALGATE_DATA_DIR: directory };
  const start = async (): Promise<Child> => {
    const child = spawnCommand(['start'], variables);
    child.stdout.resume();
    child.stderr.resume();
    await answering(port, '/readyz');
    return child;
  };
  let child = await start();
  return {
    url: `http://127.0.0.1:${port}`,
    killAndRestart: async () => {
      await end(child, 'SIGKILL');
      child = await start();
    },
    stop: async () => {
      await end(child, 'SIGTERM');
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** What an operator types beside the gateways. Throws when it does not work. */
export async function typeCommand(env: Variables, ...args: readonly string[]): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'sealgate-racer-'));
  const child = spawnCommand(args, { ...env, SEALGATE_DATA_DIR: directory });
  const [output, problems, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ]);
  await rm(directory, { recursive: true, force: true });
  if (code !== 0) throw new Error(`sealgate ${args.join(' ')} ended with ${code}: ${problems}`);
  return output;
}

type Child = ChildProcessByStdio<null, Readable, Readable>;

/** In a group of its own: the command runs the gateway in a child, which is what must be killed. */
const spawnCommand = (args: readonly string[], env: Variables): Child =>
  spawn(process.execPath, [COMMAND, ...args], {
    env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });

async function end(child: Child, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const exited = once(child, 'exit');
  process.kill(signal === 'SIGKILL' ? -child.pid : child.pid, signal);
  await exited;
}
