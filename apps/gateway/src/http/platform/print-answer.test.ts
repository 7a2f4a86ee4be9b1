import { ENDPOINTS } from '@sealgate/contract';
import { Hono } from 'hono';
import { expect, test } from 'vitest';
import type { Env } from '../env.ts';
import { printAnswer } from './print-answer.ts';

const download = (body: AsyncIterable<string>) =>
  new Hono<Env>()
    .get('/', (http) =>
      printAnswer(http, ENDPOINTS.exportConversation, {
        status: 200,
        contentType: 'text/markdown',
        body,
      }),
    )
    .request('/');

test('a file is made no faster than it is read, and not to its end when its reader leaves', async () => {
  let made = 0;
  let isGivenUp = false;
  async function* pieces(): AsyncGenerator<string> {
    try {
      for (;;) {
        made += 1;
        yield 'é'.repeat(1000);
      }
    } finally {
      isGivenUp = true;
    }
  }
  const reader = (await download(pieces())).body?.getReader();
  expect(made).toBe(0);
  const first = await reader?.read();
  expect([first?.value?.length, made]).toEqual([2000, 1]);
  await reader?.cancel();
  expect([made, isGivenUp]).toEqual([1, true]);
});

test('a file that cannot be finished does not look whole', async () => {
  async function* pieces(): AsyncGenerator<string> {
    yield 'half';
    throw new Error('the database is away');
  }
  await expect((await download(pieces())).text()).rejects.toThrow('the database is away');
});
