import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Refusal } from '../../platform/refusal.ts';
import { readChatRequest } from './chat-request.ts';

const valid = { model: 'nexevo/auto', messages: [{ role: 'user', content: 'Hi' }] };
const read = (extra: object) => readChatRequest(JSON.stringify({ ...valid, ...extra }));

function faultOf(text: string): Refusal {
  try {
    readChatRequest(text);
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  throw new Error('not refused');
}

describe('a chat body', () => {
  test('reaches the upstream byte for byte, without Sealgate’s own fields', () => {
    const text =
      '{ "models": ["b"], "seed": 12345678901234567890, "model":"a","messages":[{"role":"user","content":"\\u00e9"}], "x":1.0e0 ,"explore":false}';
    const { bodyText, modelsAsked } = readChatRequest(text);
    expect(modelsAsked).toEqual(['a', 'b']);
    expect(bodyText).toContain('"seed": 12345678901234567890');
    expect(bodyText).toContain('"x":1.0e0');
    expect(bodyText).not.toMatch(/models|explore/);
    const plain = JSON.stringify(valid);
    expect(readChatRequest(plain).bodyText).toBe(plain);
  });

  test('keeps the name of its conversation from the upstream, and nothing else of its metadata', () => {
    const sent = (metadata: string): string =>
      readChatRequest(JSON.stringify(valid).replace('{', `{"metadata":${metadata},`)).bodyText;
    expect(sent('{"conversation_id":"c","team": "x", "n":1.0}')).toContain(
      '"metadata":{"team": "x","n":1.0}',
    );
    expect(JSON.parse(sent('{ "conversation_id": "c" }'))).toEqual(valid);
    for (const untouched of ['{}', '{ "team":  "x" }', 'null', '"conversation_id"'])
      expect(sent(untouched)).toContain(`{"metadata":${untouched},`);
    expect(read({ metadata: { conversation_id: 'c' } }).conversationId).toBe('c');
  });

  test('may say that nothing is to be tried out or learned', () => {
    expect(read({})).toMatchObject({ explores: true, learns: undefined });
    expect(read({ explore: false, learn: false })).toMatchObject({
      explores: false,
      learns: false,
    });
    expect(read({ explore: null, learn: true })).toMatchObject({ explores: true, learns: true });
  });

  test('tells what a model must be able to do', () => {
    const image = [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'data:' } }] }];
    const tools = [{ type: 'function', function: { name: 'f' } }];
    expect(read({}).capabilities).toEqual(new Set(['chat']));
    expect(read({ tools, messages: image }).capabilities).toEqual(
      new Set(['chat', 'tools', 'vision']),
    );
    expect(read({ response_format: { type: 'json_object' } }).capabilities).toContain(
      'structured-output',
    );
  });

  test.each([
    ['not json', undefined],
    ['[]', undefined],
    ['{}', 'model'],
    ['{"model":5}', 'model'],
    [JSON.stringify({ ...valid, model: 'x'.repeat(201) }), 'model'],
    ['{"model":"a"}', 'messages'],
    ['{"model":"a","messages":[]}', 'messages'],
    ['{"model":"a","messages":[7]}', 'messages[0]'],
    ['{"model":"a","messages":[{"content":"x"}]}', 'messages[0]'],
    [JSON.stringify({ ...valid, stream: 'yes' }), 'stream'],
    [JSON.stringify({ ...valid, explore: 0 }), 'explore'],
    [JSON.stringify({ ...valid, learn: 'yes' }), 'learn'],
    [JSON.stringify({ ...valid, stream_options: 1 }), 'stream_options'],
    [JSON.stringify({ ...valid, models: 'a' }), 'models'],
    [JSON.stringify({ ...valid, models: Array.from({ length: 9 }, String) }), 'models'],
    [JSON.stringify({ ...valid, models: [''] }), 'models[0]'],
    [JSON.stringify({ ...valid, max_tokens: 0 }), 'max_tokens'],
    [JSON.stringify({ ...valid, max_completion_tokens: 1.5 }), 'max_completion_tokens'],
    [JSON.stringify({ ...valid, max_price: { prompt: 'cheap' } }), 'max_price.prompt'],
    [JSON.stringify({ ...valid, provider: { data_collection: 'no' } }), 'provider.data_collection'],
    [JSON.stringify({ ...valid, provider: { only: 'openai' } }), 'provider.only'],
  ])('%s is refused, naming the field', (text, param) => {
    const refusal = faultOf(text);
    expect(refusal.code).toBe('invalid_request_error');
    expect(refusal.details.param).toBe(param);
  });

  test('a price ceiling is exact, as number or as text', () => {
    const { maxPrice } = read({
      max_price: { prompt: 0.15, completion: '2.4', total: '0.000000001' },
    });
    expect(maxPrice).toEqual({ prompt: 150_000n, completion: 2_400_000n, total: 1n });
  });

  test('whatever the text, the answer is a request or a typed refusal', () => {
    const bodies = fc.oneof(
      fc.string(),
      fc.json(),
      fc
        .record(
          {
            model: fc.oneof(fc.string(), fc.jsonValue()),
            messages: fc.jsonValue(),
            stream: fc.jsonValue(),
            models: fc.jsonValue(),
            max_price: fc.jsonValue(),
            provider: fc.jsonValue(),
            tools: fc.jsonValue(),
            response_format: fc.jsonValue(),
          },
          { requiredKeys: [] },
        )
        .map((body) => JSON.stringify(body)),
    );
    fc.assert(
      fc.property(bodies, (text) => {
        try {
          JSON.parse(readChatRequest(text).bodyText);
        } catch (error) {
          expect(error).toBeInstanceOf(Refusal);
        }
      }),
    );
  });
});
