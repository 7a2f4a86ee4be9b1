import { randomBytes } from 'node:crypto';
import { importPublicKey } from '@sealgate/protocol';
import { beforeAll, expect, test } from 'vitest';
import { createKeyRing } from './key-ring.ts';
import { generateServerKey, type ServerKey } from './server-key.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
let keys: readonly ServerKey[];

beforeAll(async () => {
  keys = await Promise.all([
    generateServerKey(2048),
    generateServerKey(2048),
    generateServerKey(2048),
  ]);
});

/** A ring over the prepared keys, in order, with a clock of its own. */
function ringOf(count = keys.length) {
  let nowMs = 0;
  let made = 0;
  const faults: unknown[] = [];
  const ring = createKeyRing({
    clock: () => nowMs,
    onFault: (error) => faults.push(error),
    generate: async () => {
      made += 1;
      const key = made <= count ? keys[made - 1] : undefined;
      if (!key) throw new Error('no entropy');
      return key;
    },
  });
  const later = async (ms: number) => {
    nowMs += ms;
    ring.beginUnwrap();
    // Lets the key that was asked for arrive.
    await new Promise(setImmediate);
  };
  return { ring, later, faults, made: () => made };
}

const wrapFor = async (key: ServerKey | undefined) => {
  const imported = await importPublicKey(key?.publicKeyPem ?? '');
  if (!imported.ok) throw new Error('the key is not importable');
  const aesKey = new Uint8Array(randomBytes(32));
  return { aesKey, wrapped: await imported.value.wrap(aesKey) };
};

test('a key rotates after a day, the old one opens for another hour and no longer', async () => {
  const { ring, later } = ringOf();
  expect(await ring.current()).toBe(keys[0]);
  const { aesKey, wrapped } = await wrapFor(keys[0]);

  await later(DAY_MS - 60_000);
  expect(await ring.current()).toBe(keys[0]);
  await later(60_000);
  expect(await ring.current()).toBe(keys[1]);

  await later(HOUR_MS - 1);
  const overlap = ring.beginUnwrap();
  expect(await overlap.unwrap(wrapped)).toEqual(aesKey);
  expect(overlap.openedBy).toBe(keys[0]);
  await later(1);
  expect(await ring.beginUnwrap().unwrap(wrapped)).toBeUndefined();
  ring.close();
});

test('the next key is made ahead, once', async () => {
  const { ring, later, made } = ringOf();
  await ring.current();
  await later(DAY_MS - 600_001);
  expect(made()).toBe(1);
  await later(1);
  await later(1);
  expect(made()).toBe(2);
  ring.close();
});

test('while no new key can be made, the old one goes on and the fault is reported', async () => {
  const { ring, later, faults } = ringOf(1);
  await ring.current();
  await later(DAY_MS);
  expect(await ring.current()).toBe(keys[0]);
  expect(faults).not.toEqual([]);
  ring.close();
});

test('a failed first key is tried again by the next who asks', async () => {
  let made = 0;
  const ring = createKeyRing({
    clock: () => 0,
    onFault: () => undefined,
    generate: async () => {
      made += 1;
      const key = keys[0];
      if (made === 1 || !key) throw new Error('no entropy');
      return key;
    },
  });
  await expect(ring.current()).rejects.toThrow('no entropy');
  expect(await ring.current()).toBe(keys[0]);
  ring.close();
});

test('every refusal costs as many unwraps as there are keys', async () => {
  const unwraps: string[] = [];
  const counted = keys.map((key, index) => ({
    ...key,
    unwrap: (wrapped: Uint8Array) => {
      unwraps.push(`key ${index}`);
      return key.unwrap(wrapped);
    },
  }));
  let nowMs = 0;
  const ring = createKeyRing({
    clock: () => nowMs,
    onFault: () => undefined,
    generate: async () => counted.shift() ?? Promise.reject(new Error('no more')),
  });
  await ring.current();
  for (const passed of [DAY_MS - 1, DAY_MS]) {
    nowMs = passed;
    ring.beginUnwrap();
    await new Promise(setImmediate);
  }

  const opened = await wrapFor(keys[1]);
  for (const wrapped of [opened.wrapped, randomBytes(256)]) {
    unwraps.length = 0;
    const attempt = ring.beginUnwrap();
    await attempt.unwrap(wrapped);
    await attempt.exhaust();
    expect(unwraps).toEqual(['key 1', 'key 0']);
  }
  ring.close();
});

test('requests in parallel are each opened with the right key', async () => {
  const { ring } = ringOf();
  await ring.current();
  const sealed = await Promise.all(Array.from({ length: 24 }, () => wrapFor(keys[0])));
  const opened = await Promise.all(sealed.map(({ wrapped }) => ring.beginUnwrap().unwrap(wrapped)));
  expect(opened).toEqual(sealed.map(({ aesKey }) => aesKey));
  ring.close();
});
