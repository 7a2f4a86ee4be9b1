import { spawnSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const SCRIPTS = import.meta.dirname;
const HEAP = pathToFileURL(join(SCRIPTS, '../apps/gateway/bin/secure-heap.mjs')).href;

test.each(['18.20.0', '20.18.3'])('Node %s is told what it lacks', (version) => {
  const pretend = `Object.defineProperty(process.versions, 'node', { value: '${version}' });`;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [`--import=data:text/javascript,${encodeURIComponent(pretend)}`, join(SCRIPTS, 'start.mjs')],
    { encoding: 'utf8' },
  );
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr).toBe(
    `Sealgate needs Node 20.19 or newer, and this is Node ${version}. Install a current Node and start again.\n`,
  );
});

/** Node's flags where this many KiB may be locked, and whether Node can live with them. */
function heapUnder(limitKib: number): {
  readonly flags: readonly string[];
  readonly locks: boolean;
} {
  const print = `import('${HEAP}').then((module) => console.log(JSON.stringify(module.secureHeapFlags())))`;
  const inShell = (...program: string[]) =>
    spawnSync('/bin/sh', ['-c', `ulimit -l ${limitKib} && exec "$@"`, 'sh', ...program], {
      encoding: 'utf8',
    });
  const flags = JSON.parse(inShell(process.execPath, '-e', print).stdout) as string[];
  const { status, stderr } = inShell(process.execPath, ...flags, '-e', '');
  return { flags, locks: flags.length > 0 && status === 0 && stderr === '' };
}

test.runIf(process.platform === 'linux').each([
  [8192, '--secure-heap=262144'],
  [1024, '--secure-heap=262144'],
  [64, '--secure-heap=65536'],
])('where %i KiB may be locked, Node gets %s and OpenSSL can lock it', (limitKib, flag) => {
  const heap = heapUnder(limitKib);
  expect(heap.flags).toContain(flag);
  expect(heap.locks).toBe(true);
});

test.runIf(process.platform === 'linux')(
  'where too little may be locked, Node starts without a secure heap',
  () => {
    expect(heapUnder(32).flags).toEqual([]);
  },
);
