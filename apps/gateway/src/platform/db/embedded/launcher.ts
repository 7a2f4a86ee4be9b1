import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DatabaseProblem } from '../database-problem.ts';
import type { Account } from './account.ts';

/** Starts PostgreSQL's programs under the right account. */
export interface Launcher {
  readonly account: Account | undefined;
  launch(program: string, args: readonly string[], stdio: StdioOptions): Promise<ChildProcess>;
}

/** Nothing of our own environment, which holds the operator's secrets. */
const ENVIRONMENT = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  LC_ALL: 'C',
};

/** `places`: what the account must be able to reach, e.g. a checkout below `/root` or in a private folder. */
export async function createLauncher(
  account: Account | undefined,
  places: readonly string[],
): Promise<Launcher> {
  if (account === undefined) return { account, launch: (...command) => start(command, {}) };
  const reachable = await Promise.all(places.map((place) => canReach(place, account)));
  if (reachable.every(Boolean)) return { account, launch: (...command) => start(command, account) };

  const prefix = privileges(account, await capability());
  return {
    account,
    launch: (program, args, stdio) => start(['setpriv', [...prefix, program, ...args], stdio], {}),
  };
}

async function start(
  [program, args, stdio]: Parameters<Launcher['launch']>,
  account: Account | Record<string, never>,
): Promise<ChildProcess> {
  // Detached: Ctrl-C in a terminal reaches the whole process group, and PostgreSQL must outlive our draining.
  const child = spawn(program, args, {
    ...account,
    stdio,
    env: ENVIRONMENT,
    cwd: '/',
    detached: true,
  });
  try {
    await once(child, 'spawn');
  } catch (cause) {
    throw launchProblem(program, cause);
  }
  child.on('error', () => undefined);
  return child;
}

function launchProblem(program: string, cause: unknown): DatabaseProblem {
  if (program !== 'setpriv') {
    return new DatabaseProblem(
      'start-failed',
      `${program} cannot be started: ${String(cause)}`,
      cause,
    );
  }
  return new DatabaseProblem(
    'no-permission',
    'PostgreSQL does not run as root, and its own account cannot enter this folder. Install "setpriv" (package util-linux), move Sealgate and its data to a folder that everyone may enter (chmod a+x), or start Sealgate as a normal user.',
    cause,
  );
}

/** Can the account walk down to this place? */
async function canReach(place: string, account: Account): Promise<boolean> {
  const entry = await stat(place);
  if ((permissions(entry, account) & 1) === 0) return false;
  const parent = dirname(place);
  return parent === place || canReach(parent, account);
}

function permissions(entry: { mode: number; uid: number; gid: number }, account: Account): number {
  if (entry.uid === account.uid) return entry.mode >> 6;
  return entry.gid === account.gid ? entry.mode >> 3 : entry.mode;
}

const DAC_READ_SEARCH_BIT = 2n;

/** The smaller of the two capabilities that open the way; containers often lack it. */
async function capability(): Promise<string> {
  const status = await readFile('/proc/self/status', 'utf8').catch(() => '');
  const effective = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'}`);
  return (effective >> DAC_READ_SEARCH_BIT) & 1n ? 'dac_read_search' : 'dac_override';
}

function privileges({ uid, gid }: Account, capability: string): readonly string[] {
  return [
    `--reuid=${uid}`,
    `--regid=${gid}`,
    '--clear-groups',
    `--inh-caps=+${capability}`,
    `--ambient-caps=+${capability}`,
    // Else access(2), by which PostgreSQL looks for its own programs, ignores the capability.
    '--securebits=+no_setuid_fixup',
    '--',
  ];
}
