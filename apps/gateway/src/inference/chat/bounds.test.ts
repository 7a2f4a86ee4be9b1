import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { countInput } from '../tokens/count-tokens.ts';
import { modelOf } from '../upstreams/testing.ts';
import { boundsOf } from './bounds.ts';
import { readChatRequest } from './chat-request.ts';
import { readEmbeddingsRequest } from './embeddings-request.ts';

const model = modelOf({});
const DEFAULT = 1_000;
const user = (content: unknown) => ({ role: 'user', content });
const chat = (fields: object) =>
  readChatRequest(JSON.stringify({ model: 'a', messages: [user('Hi')], ...fields }));
const tokensOf = (fields: object, of = model) => boundsOf(chat(fields), of, DEFAULT).tokens;

describe('the bound of the input', () => {
  test('is never below the tokens of the request, whatever is said in it', () => {
    const content = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.array(fc.record({ type: fc.constant('text'), text: fc.string({ unit: 'grapheme' }) })),
    );
    const request = fc.record({
      messages: fc.array(content.map(user), { minLength: 1, maxLength: 8 }),
      tools: fc.option(fc.array(fc.record({ type: fc.constant('function') })), { nil: undefined }),
    });
    fc.assert(
      fc.property(request, (fields) => {
        const text = JSON.stringify({ model: 'a', ...fields });
        const { tokens } = boundsOf(readChatRequest(text), model, DEFAULT);
        expect(tokens.input).toBeGreaterThanOrEqual(countInput(text));
      }),
    );
  });

  test('counts an image as one, however long its data and however short its address', () => {
    const image = (url: string) => [user([{ type: 'image_url', image_url: { url } }])];
    const small = tokensOf({ messages: image('https://a.example/1') });
    const large = tokensOf({ messages: image(`data:image/png;base64,${'A'.repeat(1_000_000)}`) });
    expect(small).toMatchObject({ images: 1 });
    expect(small.input).toBeGreaterThan(5_000);
    expect(large.input).toBeLessThan(6_000);
  });

  test('counts audio by its length, a file twice, and a file that only the provider has as a full context', () => {
    const part = (type: string, value: object) => ({ messages: [user([{ type, [type]: value }])] });
    const plain = tokensOf({}).input;
    const data = 'A'.repeat(320_000);
    expect(tokensOf(part('input_audio', { data })).input - plain).toBeLessThan(11_000);
    expect(tokensOf(part('file', { file_data: data })).input).toBeGreaterThan(640_000);
    const known = { ...model, contextLength: 50_000 };
    expect(tokensOf(part('file', { file_id: 'f' }), known).input).toBeGreaterThan(50_000);
    expect(tokensOf(part('file', { file_id: 'f' })).input).toBeGreaterThan(200_000);
  });

  test('has room for what templates put around tools', () => {
    expect(tokensOf({ tools: [{ type: 'function' }] }).input).toBeGreaterThan(1_024);
  });
});

describe('the bound of the output', () => {
  test.each<[string, object, Partial<typeof model>, number, number | undefined]>([
    ['the caller’s', { max_tokens: 70 }, {}, 70, undefined],
    ['the caller’s newer name for it', { max_completion_tokens: 70 }, {}, 70, undefined],
    [
      'the larger of two, since hosts obey different ones',
      { max_tokens: 70, max_completion_tokens: 90 },
      {},
      90,
      undefined,
    ],
    ['for each choice', { max_tokens: 70, n: 3 }, {}, 210, undefined],
    ['the configured one without any', {}, {}, DEFAULT, DEFAULT],
    ['for each choice without any', { n: 2 }, {}, 2 * DEFAULT, DEFAULT],
    ['what the model can say at most', {}, { maxOutputTokens: 300 }, 300, 300],
    ['the model’s own default', {}, { defaultMaxOutputTokens: 5_000 }, 5_000, 5_000],
  ])('is %s', (_name, fields, changes, output, applied) => {
    const bounds = boundsOf(chat(fields), { ...model, ...changes }, DEFAULT);
    expect([bounds.tokens.output, bounds.appliedMaxOutputTokens]).toEqual([output, applied]);
  });

  test('of embeddings is nothing', () => {
    const request = readEmbeddingsRequest(JSON.stringify({ model: 'a', input: 'Hi' }));
    const { tokens, appliedMaxOutputTokens } = boundsOf(request, model, DEFAULT);
    expect([tokens.output, appliedMaxOutputTokens]).toEqual([0, undefined]);
  });
});
