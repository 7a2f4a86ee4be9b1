import { spawn, spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

export const hasSoftwareTpm = (): boolean => spawnSync('swtpm', ['--version']).status === 0;

export interface SoftwareTpm {
  readonly address: { readonly kind: 'unix'; readonly path: string };
  stop(): Promise<void>;
}

/** A real TPM 2.0 in software, for tests: Debian's `swtpm` with an empty state directory. */
export async function startSoftwareTpm(): Promise<SoftwareTpm> {
  const directory = await mkdtemp(join(tmpdir(), 'swtpm-'));
  const state = join(directory, 'state');
  const path = join(directory, 'socket');
  await mkdir(state);
  const options = [
    '--tpm2',
    '--tpmstate',
    `dir=${state}`,
    '--flags',
    'not-need-init,startup-clear',
  ];
  const sockets = [
    '--server',
    `type=unixio,path=${path}`,
    '--ctrl',
    `type=unixio,path=${path}.ctrl`,
  ];
  const child = spawn('swtpm', ['socket', ...options, ...sockets], { stdio: 'ignore' });
  const exited = new Promise<void>((resolve) => {
    child.once('close', () => resolve()).once('error', () => resolve());
  });
  await untilListening(path);
  return {
    address: { kind: 'unix', path },
    async stop() {
      child.kill();
      await exited;
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** By the kernel's list: swtpm serves a single client on its socket, which must not be somebody who only knocks. */
async function untilListening(path: string): Promise<void> {
  for (let attempt = 0; attempt < 1_000; attempt += 1) {
    const sockets = await readFile('/proc/net/unix', 'utf8');
    const line = sockets.split('\n').find((entry) => entry.endsWith(` ${path}`));
    if (line?.split(' ')[3] === ACCEPTS_CONNECTIONS) return;
    await setTimeout(10);
  }
  throw new Error('swtpm did not start');
}

/** The flag `__SO_ACCEPTCON` in that list. */
const ACCEPTS_CONNECTIONS = '00010000';
