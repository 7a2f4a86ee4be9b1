import { afterAll, describe, expect, test } from 'vitest';
import { countAnswer, countInput, countTokens } from './count-tokens.ts';
import { createTokenCounter } from './token-counter.ts';

describe('tokens of a text', () => {
  test.each<[string, number]>([
    ['', 0],
    ['hello world', 2],
    ['<|endoftext|>', 7],
    ['a\0b', 2],
  ])('%j has %i', (text, tokens) => {
    expect(countTokens(text)).toBe(tokens);
  });

  test('of text without a break are counted in time that grows with its length', () => {
    expect(countTokens('中'.repeat(200_000))).toBeGreaterThan(100_000);
    expect(countTokens(' '.repeat(200_000))).toBeGreaterThan(0);
  });

  test('of a request are those of its messages and tools, not of its JSON', () => {
    const messages = [
      { role: 'user', content: 'hello world' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'hello world' },
          { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAAAAAAAAAA' } },
        ],
      },
    ];
    expect(countInput(JSON.stringify({ model: 'a model', messages }))).toBe(2 * (4 + 2));
    expect(countInput(JSON.stringify({ input: ['hello world', 'hello world'] }))).toBe(4);
    const tools = [{ type: 'function', function: { name: 'f' } }];
    expect(countInput(JSON.stringify({ messages, tools }))).toBeGreaterThan(2 * (4 + 2));
  });

  test('of an answer are those that its choices say, calls of tools too', () => {
    const call = { id: 'call_1', type: 'function', function: { name: 'add', arguments: '{}' } };
    const message = { role: 'assistant', content: 'hello world', tool_calls: [call] };
    const choices = [{ index: 0, finish_reason: 'stop', message }];
    expect(countAnswer(JSON.stringify({ id: 'chatcmpl-123', choices }))).toBe(2 + 1 + 1);
  });
});

describe('the counter', () => {
  const counter = createTokenCounter();
  afterAll(() => counter.close());

  test('counts on its thread, also what comes at once', async () => {
    const texts = ['hello world', '', 'hello world hello world'];
    expect(await Promise.all(texts.map((text) => counter.count('text', text)))).toEqual([2, 0, 4]);
  });

  test('says so when something cannot be counted, and goes on', async () => {
    expect(await counter.count('answer', 'no JSON')).toBeUndefined();
    expect(await counter.count('text', 'hello world')).toBe(2);
  });

  test('takes neither texts that are too long nor more than can wait', async () => {
    const small = createTokenCounter({ textCharacters: 5, waitingTexts: 1, patienceMs: 60_000 });
    const counts = ['hello!', 'hello', 'world'].map((text) => small.count('text', text));
    expect(await Promise.all(counts)).toEqual([undefined, 1, undefined]);
    await small.close();
  });

  test('lets nobody wait for ever when it ends', async () => {
    const ending = createTokenCounter();
    const counting = ending.count('text', 'a '.repeat(1_000_000));
    await ending.close();
    expect(await counting).toBeUndefined();
  });
});
