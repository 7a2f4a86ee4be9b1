import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

interface Process {
  readonly pid: number;
  readonly parentPid: number;
  readonly command: string;
}

/** Everything that runs below this process, children of children too. */
export async function descendantsOf(pid: number | undefined): Promise<readonly number[]> {
  const all = await listProcesses();
  const found = new Set([pid]);
  // A child may be listed before its parent.
  for (let size = 0; size !== found.size;) {
    size = found.size;
    for (const one of all) if (found.has(one.parentPid)) found.add(one.pid);
  }
  return [...found].filter((one) => one !== undefined && one !== pid) as number[];
}

/** Those whose command line names this text, e.g. a data directory. */
export async function processesNaming(text: string): Promise<readonly number[]> {
  return (await listProcesses())
    .filter(({ command, pid }) => command.includes(text) && pid !== process.pid)
    .map(({ pid }) => pid);
}

export function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** The PostgreSQL that serves this data directory. */
export async function postmasterOf(dataDir: string): Promise<number> {
  const text = await readFile(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8');
  return Number.parseInt(text, 10);
}

async function listProcesses(): Promise<readonly Process[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(pids.map((pid) => describe(pid).catch(() => [])));
  return found.flat();
}

async function describe(pid: string): Promise<readonly Process[]> {
  const [stat, command] = await Promise.all([
    readFile(`/proc/${pid}/stat`, 'utf8'),
    readFile(`/proc/${pid}/cmdline`, 'utf8'),
  ]);
  // The name in parentheses may hold anything, even parentheses.
  const [state = '', parent = ''] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (state === 'Z') return [];
  return [{ pid: Number(pid), parentPid: Number(parent), command: command.replaceAll('\0', ' ') }];
}
