import { describe, expect, test } from 'vitest';
import { Secret } from '../../../platform/secret.ts';
import type { ChatCall } from '../provider.ts';
import { withKey } from '../provider.ts';
import { modelOf } from '../testing.ts';
import { openai } from './openai.ts';

const model = modelOf({ headers: { 'x-extra': 'yes' } });
const key = { name: 'OPENAI_API_KEY', weight: 1, secret: new Secret('sk-upstream') };

function chat(bodyText: string, changes: Partial<ChatCall> = {}): string {
  const body = JSON.parse(bodyText) as Record<string, unknown>;
  const call = { bodyText, body, isStream: false, model, maxOutputTokens: undefined };
  return String(openai.chat({ ...call, ...changes }).body);
}

describe('chat', () => {
  test('changes the model and not one other character', () => {
    const rest =
      '"seed":12345678901234567890,"unknown":{"a":[1.0,2E5]},"messages":[{"role":"user","content":"\\u00e9"}]';
    expect(chat(`{"model":"nexevo/fast",${rest}}`)).toBe(`{"model":"upstream-model",${rest}}`);
  });

  test.each([
    ['{"model":"a"}', '{"include_usage":true}'],
    ['{"model":"a","stream_options":null}', '{"include_usage":true}'],
    ['{"model":"a","stream_options":{"include_usage":false}}', '{"include_usage":true}'],
    [
      '{"model":"a","stream_options":{"big":98765432109876543210}}',
      '{"big":98765432109876543210,"include_usage":true}',
    ],
  ])('a stream always asks for usage: %s', (text, options) => {
    expect(chat(text, { isStream: true })).toBe(
      `{"model":"upstream-model","stream_options":${options}}`,
    );
  });

  test('an answer that is not streamed does not get stream options', () => {
    expect(chat('{"model":"a"}')).toBe('{"model":"upstream-model"}');
  });

  test.each(['max_tokens', 'max_completion_tokens'] as const)(
    'sends the gateway’s limit as %s to a host that calls it so',
    (outputLimitField) => {
      const text = chat('{"model":"a"}', {
        model: modelOf({ outputLimitField }),
        maxOutputTokens: 700,
      });
      expect(text).toBe(`{"model":"upstream-model","${outputLimitField}":700}`);
    },
  );

  test('sends the key and the configured headers', () => {
    const request = openai.chat({
      bodyText: '{"model":"a"}',
      body: {},
      isStream: false,
      model,
      maxOutputTokens: undefined,
    });
    const { path, headers } = withKey(request, openai, key);
    expect(path).toBe('/chat/completions');
    expect(headers).toMatchObject({ authorization: 'Bearer sk-upstream', 'x-extra': 'yes' });
  });

  test('leaves an authorization alone that the operator configured', () => {
    const { upstream } = modelOf({ headers: { authorization: 'Basic abc' } });
    const { headers } = withKey(openai.models(upstream), openai, key);
    expect(headers['authorization']).toBe('Basic abc');
  });

  test('sends no authorization without a key', () => {
    const { headers } = withKey(openai.models(modelOf({}).upstream), openai, undefined);
    expect(headers).not.toHaveProperty('authorization');
  });
});

test('embeddings change only the model', () => {
  const bodyText = '{"input":["a"],"model":"x","dimensions":9007199254740993}';
  const request = openai.embeddings?.({ bodyText, body: {}, model });
  expect(request).toMatchObject({
    path: '/embeddings',
    body: '{"input":["a"],"model":"upstream-model","dimensions":9007199254740993}',
  });
});

describe('errorMessage', () => {
  test.each([
    ['{"error":{"message":"max_tokens is too large"}}', 'max_tokens is too large'],
    ['{"error":"model not loaded"}', 'model not loaded'],
    ['{"object":"error","message":"bad"}', 'bad'],
    ['{"detail":"nope"}', 'nope'],
    ['[{"error":{"message":"from a list"}}]', 'from a list'],
    ['<html>502</html>', undefined],
    ['{}', undefined],
    ['null', undefined],
  ])('%s', (body, message) => {
    expect(openai.errorMessage(body)).toBe(message);
  });

  test.each([
    'Incorrect API key provided: sk-proj-abcdefgh12345678.',
    'Incorrect API key provided: abcd****wxyz.',
    'Bad key AIzaSyA1234567890abcdef',
    'see https://internal.example:8080/path?key=1 for more',
    'connect to 10.1.2.3:8000 failed',
    'organization org-AbCdEf123456 has no quota',
  ])('keys, addresses and ids are cut out: %s', (message) => {
    const shown = openai.errorMessage(JSON.stringify({ error: { message } })) ?? '';
    expect(shown).toContain('[…]');
    expect(shown).not.toMatch(/abcd|AIza|internal|10\.1|AbCd/);
  });

  test('a long message is cut', () => {
    expect(openai.errorMessage(JSON.stringify({ error: 'x'.repeat(9_999) }))).toHaveLength(301);
  });
});
