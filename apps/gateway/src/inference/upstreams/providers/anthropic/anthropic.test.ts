import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Refusal } from '../../../../platform/refusal.ts';
import { Secret } from '../../../../platform/secret.ts';
import type { Model } from '../../model.ts';
import { modelOf } from '../../testing.ts';
import { createAnthropic } from './provider.ts';
import answers from './test-vectors/answers.json' with { type: 'json' };
import refused from './test-vectors/refused-requests.json' with { type: 'json' };
import requests from './test-vectors/requests.json' with { type: 'json' };
import streams from './test-vectors/streams.json' with { type: 'json' };

const anthropic = createAnthropic(() => 1_700_000_000_123);

function claude(upstreamModel: string, maxOutputTokens?: number): Model {
  return { ...modelOf({}), upstreamModel, maxOutputTokens };
}

function requestFor(
  body: Record<string, unknown>,
  model: Model,
  isStream = false,
  maxOutputTokens?: number,
): unknown {
  const bodyText = JSON.stringify(body);
  const request = anthropic.chat({ body, bodyText, model, isStream, maxOutputTokens });
  return JSON.parse(String(request.body));
}

describe('request', () => {
  test.each(requests)('$title', ({ openai, anthropic: expected, model, stream, ...more }) => {
    const maxOutputTokens = 'maxOutputTokens' in more ? more.maxOutputTokens : undefined;
    expect(requestFor(openai, claude(model, maxOutputTokens), stream)).toEqual(expected);
  });

  test('is limited by the caller, else by the gateway, and never beyond what the model can', () => {
    const messages = [{ role: 'user', content: 'Hi' }];
    const limit = (body: object, ours?: number) =>
      requestFor({ messages, ...body }, claude('claude-sonnet-4-5', 5_000), false, ours);
    expect(limit({ max_tokens: 40 }, 700)).toMatchObject({ max_tokens: 40 });
    expect(limit({}, 700)).toMatchObject({ max_tokens: 700 });
    expect(limit({ max_tokens: 6_000 })).toMatchObject({ max_tokens: 5_000 });
  });

  test.each(refused)('refused for $param', ({ openai, param }) => {
    const attempt = (): unknown => requestFor(openai, claude('claude-sonnet-4-5'));
    expect(attempt).toThrow(Refusal);
    expect(attempt).toThrow(
      expect.objectContaining({ details: expect.objectContaining({ param }) }),
    );
  });

  test('any JSON as a body is either translated or refused', () => {
    const body = fc.record(
      {
        messages: fc.oneof(
          fc.jsonValue(),
          fc.array(
            fc.record(
              {
                role: fc.constantFrom('system', 'user', 'assistant', 'tool'),
                content: fc.oneof(fc.string(), fc.jsonValue()),
                tool_calls: fc.jsonValue(),
                tool_call_id: fc.string(),
              },
              { requiredKeys: ['role'] },
            ),
          ),
        ),
        tools: fc.jsonValue(),
        tool_choice: fc.jsonValue(),
        response_format: fc.jsonValue(),
        stop: fc.jsonValue(),
        max_tokens: fc.jsonValue(),
        reasoning_effort: fc.oneof(fc.jsonValue(), fc.constantFrom('low', 'high')),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(body, fc.constantFrom('claude-haiku-4-5', 'claude-opus-5'), (fields, name) => {
        try {
          requestFor(fields, claude(name));
        } catch (error) {
          expect(error).toBeInstanceOf(Refusal);
        }
      }),
    );
  });

  test('carries the version and the key as Anthropic wants them', () => {
    const { path, headers } = anthropic.chat({
      body: { messages: [] },
      bodyText: '',
      model: claude('claude-sonnet-4-5'),
      isStream: false,
      maxOutputTokens: 700,
    });
    expect(path).toBe('/messages');
    expect(headers).toMatchObject({ 'anthropic-version': '2023-06-01' });
    expect(anthropic.keyHeaders(new Secret('sk-ant-x'))).toEqual({ 'x-api-key': 'sk-ant-x' });
  });
});

describe('answer', () => {
  test.each(answers)('$title', ({ anthropic: message, openai }) => {
    const text = anthropic.translateAnswer?.(JSON.stringify(message), claude('claude-sonnet-4-5'));
    expect(JSON.parse(text ?? '')).toEqual(openai);
  });

  test.each(['', '{}', '[]', 'null', '{"type":"error"}', '{"type":"message"}'])(
    'what is no message is an error: %s',
    (text) => {
      expect(() => anthropic.translateAnswer?.(text, claude('x'))).toThrow();
    },
  );

  test('an error’s sentence is shown', () => {
    const body =
      '{"type":"error","error":{"type":"invalid_request_error","message":"max_tokens: no"}}';
    expect(anthropic.errorMessage(body)).toBe('max_tokens: no');
  });
});

function translated(chunks: readonly Buffer[]): string {
  const stream = anthropic.openStream?.(claude('claude-sonnet-4-5'));
  if (!stream) throw new Error('impossible: no stream translator');
  return Buffer.concat([...chunks.map((chunk) => stream.push(chunk)), stream.end()]).toString();
}

const wire = (events: readonly object[], lineEnd = '\n'): Buffer =>
  Buffer.from(
    events
      .map((event) => {
        const { type } = event as { type: string };
        return `event: ${type}${lineEnd}data: ${JSON.stringify(event)}${lineEnd}${lineEnd}`;
      })
      .join(''),
  );

const framesOf = (text: string): unknown[] =>
  text
    .split('\n\n')
    .slice(0, -1)
    .map((frame) => frame.replace(/^data: /, ''))
    .map((data) => (data === '[DONE]' ? data : (JSON.parse(data) as unknown)));

describe('stream', () => {
  test.each(streams)('$title', ({ events, frames }) => {
    expect(framesOf(translated([wire(events)]))).toEqual(frames);
  });

  test('gives the same frames however the bytes are cut', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...streams),
        fc.constantFrom('\n', '\r\n'),
        fc.array(fc.nat(4_000), { maxLength: 30 }),
        ({ events }, lineEnd, cuts) => {
          const bytes = wire(events, lineEnd);
          const at = [0, ...cuts.filter((cut) => cut < bytes.length).sort((a, b) => a - b)];
          const chunks = at.map((start, index) => bytes.subarray(start, at[index + 1]));
          expect(translated(chunks)).toBe(translated([wire(events)]));
        },
      ),
    );
  });

  test('byte by byte, too', () => {
    for (const { events } of streams) {
      const bytes = wire(events);
      const chunks = Array.from(bytes, (_, index) => bytes.subarray(index, index + 1));
      expect(translated(chunks)).toBe(translated([bytes]));
    }
  });

  test('a stream that just stops is not taken for a complete one', () => {
    for (const { events } of streams.slice(0, 2)) {
      expect(() => translated([wire(events.slice(0, -1))])).toThrow('before message_stop');
    }
  });

  test('bytes that are not the dialect are an error', () => {
    expect(() => translated([Buffer.from('data: <html>\n\n')])).toThrow(SyntaxError);
  });

  test('an endless event is an error instead of endless memory', () => {
    const stream = anthropic.openStream?.(claude('claude-sonnet-4-5'));
    const piece = Buffer.alloc(6 * 1024 * 1024, 'x');
    stream?.push(piece);
    stream?.push(piece);
    expect(() => stream?.push(piece)).toThrow('too large');
  });
});
