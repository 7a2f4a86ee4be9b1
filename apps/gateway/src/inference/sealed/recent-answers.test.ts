import { beforeEach, expect, test } from 'vitest';
import { openProtectedMemory } from '../../platform/memory/index.ts';
import { createRecentAnswers, type RecentAnswers } from './recent-answers.ts';

const MINUTE_MS = 60_000;
const REQUEST = { apiKeyId: 'key_a', idempotencyKey: 'b7f0', bodyText: '{"model":"m"}' };
let nowMs = 0;
let generated = 0;
let answers: RecentAnswers;

beforeEach(async () => {
  nowMs = 0;
  generated = 0;
  const memory = await openProtectedMemory({ isEnabled: false, secureHeapBytes: 0 });
  answers = createRecentAnswers(() => nowMs, memory);
});

const generate = async () => {
  generated += 1;
  // A Buffer, as the route hands over: its `slice` would share the memory that is wiped.
  return Buffer.from(`answer ${generated}`);
};
const ask = async (change: Partial<typeof REQUEST> = {}, by = generate) =>
  new TextDecoder().decode(await answers.once({ ...REQUEST, ...change }, by));

test('a retry gets the first answer, for five minutes', async () => {
  expect(await ask()).toBe('answer 1');
  nowMs = 5 * MINUTE_MS - 1;
  expect(await ask()).toBe('answer 1');
  nowMs += 1;
  expect(await ask()).toBe('answer 2');
});

test('a retry during the generation joins it, and each caller has bytes of its own', async () => {
  let finish = (): void => undefined;
  const slow = async () => {
    await new Promise<void>((resolve) => {
      finish = resolve;
    });
    return generate();
  };
  const both = [answers.once(REQUEST, slow), answers.once(REQUEST, slow)];
  await new Promise(setImmediate);
  finish();
  const [first, second] = await Promise.all(both);
  first?.fill(0);
  expect(new TextDecoder().decode(second)).toBe('answer 1');
  expect(generated).toBe(1);
});

test('another key, another body or another caller is another request', async () => {
  await ask();
  expect(await ask({ idempotencyKey: 'other' })).toBe('answer 2');
  expect(await ask({ bodyText: '{}' })).toBe('answer 3');
  expect(await ask({ apiKeyId: 'key_b' })).toBe('answer 4');
});

test('a failure is not remembered', async () => {
  const failing = () => Promise.reject(new Error('upstream'));
  await expect(answers.once(REQUEST, failing)).rejects.toThrow('upstream');
  expect(await ask()).toBe('answer 1');
});

test('what is kept is bounded: the oldest answers go first', async () => {
  const large = async () => {
    generated += 1;
    return new Uint8Array(4 * 1024 * 1024 - 100);
  };
  for (let count = 0; count < 20; count += 1) {
    await answers.once({ ...REQUEST, idempotencyKey: `${count}` }, large);
  }
  await answers.once({ ...REQUEST, idempotencyKey: '19' }, large);
  expect(generated).toBe(20);
  await answers.once({ ...REQUEST, idempotencyKey: '0' }, large);
  expect(generated).toBe(21);
});

test('an answer too large to keep is generated again', async () => {
  const huge = async () => {
    generated += 1;
    return new Uint8Array(5 * 1024 * 1024);
  };
  await answers.once(REQUEST, huge);
  await answers.once(REQUEST, huge);
  expect(generated).toBe(2);
});
