import { expect, test } from 'vitest';
import type { KeyVerdict } from './api-key.ts';
import { testKey } from './testing.ts';
import { VerdictCache } from './verdict-cache.ts';

const valid = (id: string, expiresAtMs?: number, replacedAtMs?: number): KeyVerdict => ({
  kind: 'valid',
  key: testKey({ id, expiresAtMs, replacedAtMs }),
});

test('a verdict is remembered for 30 seconds, a refusal for 5', () => {
  const cache = new VerdictCache();
  cache.set('good', valid('key'), 0);
  cache.set('bad', { kind: 'unknown' }, 0);
  expect(cache.get('good', 29_999)?.kind).toBe('valid');
  expect(cache.get('good', 30_000)).toBeUndefined();
  expect(cache.get('bad', 4_999)?.kind).toBe('unknown');
  expect(cache.get('bad', 5_000)).toBeUndefined();
});

test('a key expires on time although its verdict is remembered', () => {
  const cache = new VerdictCache();
  cache.set('hash', valid('key', 1_000), 0);
  expect(cache.get('hash', 999)?.kind).toBe('valid');
  expect(cache.get('hash', 1_000)?.kind).toBe('expired');
});

test('a secret that was rotated away ends with its grace although its verdict is remembered', () => {
  const cache = new VerdictCache();
  cache.set('hash', valid('key', undefined, 1_000), 0);
  expect(cache.get('hash', 999)?.kind).toBe('valid');
  expect(cache.get('hash', 1_000)?.kind).toBe('revoked');
});

test('a flood of made-up keys neither grows memory without bound nor pushes out real keys', () => {
  const cache = new VerdictCache();
  cache.set('real', valid('key'), 0);
  for (let count = 0; count < 20_000; count += 1) cache.set(`x${count}`, { kind: 'unknown' }, 0);
  expect(cache.size).toBe(1_001);
  expect(cache.get('real', 1)?.kind).toBe('valid');
});

test('of too many real keys the one that was asked for longest ago is forgotten', () => {
  const cache = new VerdictCache();
  for (let count = 0; count <= 10_000; count += 1) cache.set(`k${count}`, valid(`k${count}`), 0);
  expect(cache.size).toBe(10_000);
  expect(cache.get('k0', 1)).toBeUndefined();
  expect(cache.get('k10000', 1)?.kind).toBe('valid');
});

test('a key that turns from valid to revoked is held once', () => {
  const cache = new VerdictCache();
  cache.set('hash', valid('key'), 0);
  cache.set('hash', { kind: 'revoked' }, 0);
  expect(cache.get('hash', 1)?.kind).toBe('revoked');
  expect(cache.size).toBe(1);
});
