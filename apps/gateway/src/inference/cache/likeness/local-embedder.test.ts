import { Worker } from 'node:worker_threads';
import { afterAll, describe, expect, test } from 'vitest';
import type { Upstream } from '../../upstreams/index.ts';
import { createLocalEmbedder } from './local-embedder.ts';
import { similarityOf } from './vector.ts';

const nowhere = (_host: Upstream): boolean => false;
const embedder = createLocalEmbedder({
  onUnable: (reason) => {
    throw new Error(reason);
  },
  limits: { waitingTexts: 3, patienceMs: 20_000 },
});
afterAll(() => embedder.close());

const embed = async (text: string): Promise<Int8Array> => {
  const vector = await embedder.embed(text, nowhere);
  if (vector === undefined) throw new Error(`no vector for ${text}`);
  return vector;
};

describe('the model of the optional packages', () => {
  test('finds another wording nearer than another topic, without any host', async () => {
    const asked = await embed('How do I reset my password?');
    const alike = similarityOf(asked, await embed('How can I reset my password?'));
    const other = similarityOf(asked, await embed('Why does my dog bark at night?'));
    expect(alike).toBeGreaterThan(0.9);
    expect(other).toBeLessThan(0.4);
  });

  test('does not read scripts in which all texts look the same to it', async () => {
    expect(await embedder.embed('如何重置密码？', nowhere)).toBeUndefined();
    expect(await embedder.embed('Как сбросить пароль?', nowhere)).toBeUndefined();
  });

  test('takes no more texts than can wait', async () => {
    const texts = ['one', 'two', 'three', 'four'].map((text) => embedder.embed(text, nowhere));
    const vectors = await Promise.all(texts);
    expect(vectors.map((vector) => vector !== undefined)).toEqual([true, true, true, false]);
  });
});

test('where the packages are not there it says so once, and nobody waits', async () => {
  const reasons: string[] = [];
  let starts = 0;
  const unable = createLocalEmbedder({
    onUnable: (reason) => reasons.push(reason),
    start: () => {
      starts += 1;
      const code = `require('node:worker_threads').parentPort.postMessage({ kind: 'unable', reason: 'not there' })`;
      return new Worker(code, { eval: true });
    },
  });
  expect(await unable.embed('one', nowhere)).toBeUndefined();
  expect(await unable.embed('two', nowhere)).toBeUndefined();
  expect([starts, reasons]).toEqual([1, ['not there']]);
});
