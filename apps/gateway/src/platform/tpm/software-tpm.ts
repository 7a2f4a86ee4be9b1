import { spawn, spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

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
  await untilListening(`${path}.ctrl`);
  return {
    address: { kind: 'unix', path },
    async stop() {
      child.kill();
      await exited;
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Knocks on the control socket: swtpm serves a single client on the data socket and must not meet us there first. */
async function untilListening(path: string): Promise<void> {
  for (let attempt = 0; attempt < 500; attempt += 1) {
    const isOpen = await new Promise<boolean>((resolve) => {
      const socket = connect({ path }, () => resolve(true)).once('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
    if (isOpen) return;
    await new Promise((resolve) => {
      setTimeout(resolve, 10);
    });
  }
  throw new Error('swtpm did not start');
}
