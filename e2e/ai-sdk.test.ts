import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import {
  APICallError,
  generateText,
  jsonSchema,
  Output,
  stepCountIs,
  streamText,
  tool,
  type LanguageModel,
  type Tool,
} from 'ai';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { caught, collect } from './collect.ts';
import { obedientModel } from './fakes/obedient-model.ts';
import {
  frames,
  hangingStream,
  json,
  startFakeUpstream,
  stream,
  type FakeUpstream,
} from './fakes/upstream.ts';
import { startGateway, yamlFor, type Gateway } from './harness.ts';

let upstream: FakeUpstream;
let gateway: Gateway;
let model: LanguageModel;

beforeAll(async () => {
  upstream = await startFakeUpstream();
  gateway = await startGateway({ yaml: yamlFor(upstream) });
  model = modelWith(gateway.key);
});
afterAll(() => upstream.close());
beforeEach(() => {
  upstream.received.length = 0;
  upstream.always(obedientModel);
});

const modelWith = (apiKey: string, id = 'fake/model-a'): LanguageModel =>
  createOpenAICompatible({
    name: 'sealgate',
    baseURL: `${gateway.url()}/v1`,
    apiKey,
    includeUsage: true,
    supportsStructuredOutputs: true,
  })(id);

const prompt = 'Where is it?';
const CITY = jsonSchema<{ city: string }>({
  type: 'object',
  properties: { city: { type: 'string' } },
  required: ['city'],
});

/** Tells the cities it was asked for. */
function weatherTool(): { readonly asked: string[]; readonly tools: { weather: Tool } } {
  const asked: string[] = [];
  const weather = tool({
    inputSchema: CITY,
    execute: async ({ city }) => {
      asked.push(city);
      return 'Sunny';
    },
  });
  return { asked, tools: { weather } };
}

describe('does', () => {
  test('generateText, with usage', async () => {
    const { text, usage, response } = await generateText({ model, prompt });
    expect(text).toBe('Hello, world!');
    expect(usage).toMatchObject({ inputTokens: 11, outputTokens: 7 });
    expect(response.headers?.['x-nexevo-model-used']).toBe('fake/model-a');
  });

  test('streamText, with usage', async () => {
    const { textStream, usage } = streamText({ model, prompt });
    expect((await collect(textStream)).length).toBeGreaterThan(1);
    expect(await usage).toMatchObject({ inputTokens: 11, outputTokens: 2 });
  });

  test.each(['generateText', 'streamText'])('%s runs a tool and goes on', async (way) => {
    const { asked, tools } = weatherTool();
    const settings = { model, prompt, tools, stopWhen: stepCountIs(3) };
    const text =
      way === 'generateText'
        ? (await generateText(settings)).text
        : await streamText(settings).text;
    expect(text).toBe('Hello, world!');
    expect(asked).toEqual(['Seoul']);
    expect(upstream.received).toHaveLength(2);
  });

  test('an object of a schema', async () => {
    const { output } = await generateText({
      model,
      prompt,
      output: Output.object({ schema: CITY }),
    });
    expect(output).toEqual({ city: 'Seoul' });
  });

  test('an abort closes the stream at the model provider', async () => {
    upstream.next(hangingStream(frames(['One', ' two']).slice(0, 3)));
    const leaving = new AbortController();
    const { textStream } = streamText({ model, prompt, abortSignal: leaving.signal });
    for await (const text of textStream) if (text === ' two') leaving.abort();
    await upstream.received[0]?.closed;
  });
});

describe('tells what went wrong', () => {
  test.each([
    ['a wrong key', 401, () => modelWith('sk-xc-wrong')],
    ['an unknown model', 404, () => modelWith(gateway.key, 'fake/nothing')],
  ])('%s is %i and not tried again', async (_, statusCode, modelOf) => {
    const error = await caught(generateText({ model: modelOf(), prompt }));
    expect(error).toBeInstanceOf(APICallError);
    expect(error).toMatchObject({ statusCode, isRetryable: false });
  });

  test('a provider that limits is 429, which may be tried again', async () => {
    upstream.next(json(429, { error: { message: 'slow down' } }));
    const error = await caught(generateText({ model, prompt, maxRetries: 0 }));
    expect(error).toMatchObject({ statusCode: 429, isRetryable: true });
  });

  test('a stream that breaks', async () => {
    upstream.next(stream(frames(['One', ' two']).slice(0, 3), { isCut: true }));
    const errors: unknown[] = [];
    const { textStream } = streamText({
      model,
      prompt,
      onError: ({ error }) => void errors.push(error),
    });
    expect((await collect(textStream)).join('')).toBe('One two');
    expect(JSON.stringify(errors)).toContain('The model provider failed');
  });
});
