import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { openProtectedMemory } from './index.ts';

test('held bytes are moved, and wiped on release', async () => {
  const memory = await openProtectedMemory({ isEnabled: true, secureHeapBytes: 0 });
  const source = new TextEncoder().encode('canary');
  const held = memory.hold(source);
  const view = held.bytes;
  expect(new TextDecoder().decode(view)).toBe('canary');
  expect(held.isLocked).toBe(memory.state.locking.kind === 'effective');
  if (held.isLocked) expect([...source]).toEqual([0, 0, 0, 0, 0, 0]);
  held.release();
  expect([...view]).toEqual([0, 0, 0, 0, 0, 0]);
  held.release();
});

test('releasing twice does not free bytes that someone else holds by then', async () => {
  const memory = await openProtectedMemory({ isEnabled: true, secureHeapBytes: 0 });
  const first = memory.hold(Uint8Array.of(1));
  first.release();
  const second = memory.hold(Uint8Array.of(2));
  first.release();
  expect([...second.bytes]).toEqual([2]);
});

test('switched off, nothing claims to be locked, and wiping still works', async () => {
  const memory = await openProtectedMemory({ isEnabled: false, secureHeapBytes: 0 });
  expect(memory.state.locking).toEqual({ kind: 'none', reason: 'switched-off' });
  const held = memory.hold(Uint8Array.of(7, 7));
  expect(held.isLocked).toBe(false);
  held.release();
  expect([...held.bytes]).toEqual([0, 0]);
});

test('what is claimed as locked is what the kernel has locked', async () => {
  const { state } = await openProtectedMemory({ isEnabled: true, secureHeapBytes: 0 });
  if (process.platform !== 'linux' || state.locking.kind === 'none') return;
  const locked = /VmLck:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  expect(Number(locked) * 1024).toBeGreaterThanOrEqual(state.locking.slabBytes);
});

test('the page size is the one the system reports', async () => {
  const { state } = await openProtectedMemory({ isEnabled: false, secureHeapBytes: 0 });
  expect(state.pageBytes).toBe(Number(execFileSync('getconf', ['PAGESIZE'], { encoding: 'utf8' })));
});
