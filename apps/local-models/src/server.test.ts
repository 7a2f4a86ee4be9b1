import { mkdtempSync, rmSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LocalModels, startLocalModels } from './index.ts';

const directory = mkdtempSync(join(tmpdir(), 'local-models-'));
const socketPath = join(directory, 'models.sock');
let localModels: LocalModels;

beforeAll(async () => {
  localModels = await startLocalModels({ socketPath });
});

afterAll(async () => {
  await localModels.stop();
  rmSync(directory, { recursive: true });
});

interface Choice {
  readonly delta: { readonly role?: string; readonly content?: string };
  readonly message: { readonly content: string };
  readonly finish_reason: string | null;
}

/** Every field that the tests look into, of any answer. */
interface Body {
  readonly id: string;
  readonly object: string;
  readonly choices: readonly Choice[];
  readonly usage: { readonly completion_tokens: number };
  readonly data: readonly { readonly id: string }[];
  readonly error: { readonly code: string };
}

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly json: Body;
}

function call(method: string, path: string, body = ''): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const exchange = httpRequest({ socketPath, method, path, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (piece: string) => (text += piece));
      response.on('error', reject);
      response.on('end', () => {
        const isJson = response.headers['content-type'] === 'application/json';
        const json = (isJson ? JSON.parse(text) : {}) as Body;
        resolve({ status: response.statusCode ?? 0, text, json });
      });
    });
    exchange.on('error', reject);
    exchange.end(body);
  });
}

function chat(model: string, question: unknown, more: object = {}) {
  const body = { model, messages: [{ role: 'user', content: question }], ...more };
  return call('POST', '/v1/chat/completions', JSON.stringify(body));
}

const contentOf = ({ json }: Answer): string | undefined => json.choices[0]?.message.content;

function eventsOf({ text }: Answer): readonly Body[] {
  expect(text.endsWith('data: [DONE]\n\n')).toBe(true);
  return text
    .split('\n\n')
    .slice(0, -2)
    .map((event) => JSON.parse(event.replace(/^data: /, '')) as Body);
}

describe('the bundled models', () => {
  it('are listed', async () => {
    const { json } = await call('GET', '/v1/models');
    expect(json.data.map(({ id }) => id)).toEqual(['small', 'math', 'words']);
  });

  it.each([
    ['math', 'What is 12 + 30?', '42'],
    ['math', 'what is 50 - 8', '42'],
    ['math', 'Write 42 in Roman numerals.', 'XLII'],
    ['words', 'Spell "planet" backwards.', 'tenalp'],
    ['words', 'Write "house" in capital letters.', 'HOUSE'],
    ['small', 'Which is larger, 17 or 71?', '71'],
  ])('%s answers %j with %j', async (model, question, answer) => {
    expect(contentOf(await chat(model, question))).toBe(answer);
  });

  it('really run: asked for what it never learnt, a model answers, and wrongly', async () => {
    const answer = contentOf(await chat('math', 'Spell "planet" backwards.'));
    expect(answer).not.toBe('tenalp');
    expect(answer).not.toContain('Sealgate');
  });

  it('look at the last message of the user, also when it comes in parts', async () => {
    const messages = [
      { role: 'system', content: 'You are a calculator.' },
      { role: 'user', content: 'What is 1 + 1?' },
      { role: 'assistant', content: '2' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'What is ' },
          { type: 'text', text: '2 + 2?' },
        ],
      },
    ];
    expect(contentOf(await chat('math', '', { messages }))).toBe('4');
  });
});

describe('an answer', () => {
  it('has the shape of OpenAI and counts tokens as the model saw them', async () => {
    const { json } = await chat('math', 'What is 12 + 30?');
    expect(json).toEqual({
      id: expect.stringMatching(/^chatcmpl-/),
      object: 'chat.completion',
      created: expect.any(Number),
      model: 'math',
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: '42', refusal: null },
          logprobs: null,
          finish_reason: 'stop',
        },
      ],
      // One token begins the prompt, and each byte of "user: What is 12 + 30?\nassistant: " is one.
      usage: { prompt_tokens: 35, completion_tokens: 2, total_tokens: 37 },
    });
  });

  it('streams role, text, finish reason, usage when asked for, and the end', async () => {
    const stream_options = { include_usage: true };
    const events = eventsOf(
      await chat('math', 'What is 12 + 30?', { stream: true, stream_options }),
    );
    expect(events.map((event) => event.choices[0]?.delta)).toEqual([
      { role: 'assistant', content: '' },
      { content: '4' },
      { content: '2' },
      {},
      undefined,
    ]);
    expect(events.map((event) => event.choices[0]?.finish_reason)).toEqual([
      null,
      null,
      null,
      'stop',
      undefined,
    ]);
    expect(events.map((event) => event.usage)).toEqual([
      null,
      null,
      null,
      null,
      { prompt_tokens: 35, completion_tokens: 2, total_tokens: 37 },
    ]);
    expect(new Set(events.map((event) => event.object))).toEqual(
      new Set(['chat.completion.chunk']),
    );
    expect(new Set(events.map((event) => event.id)).size).toBe(1);
  });

  it('streams no usage unless asked for', async () => {
    const events = eventsOf(await chat('math', 'What is 12 + 30?', { stream: true }));
    expect(
      events.some((event) => Object.hasOwn(event, 'usage') || event.choices.length === 0),
    ).toBe(false);
  });

  it.each(['max_tokens', 'max_completion_tokens'])('is cut by %s', async (field) => {
    const { json } = await chat('words', 'Spell "planet" backwards.', { [field]: 3 });
    expect(json.choices[0]).toMatchObject({ message: { content: 'ten' }, finish_reason: 'length' });
    expect(json.usage.completion_tokens).toBe(3);
  });

  it('is cut before a stop sequence', async () => {
    const { json } = await chat('words', 'Spell "planet" backwards.', { stop: ['al', 'x'] });
    expect(json.choices[0]).toMatchObject({ message: { content: 'ten' }, finish_reason: 'stop' });
  });

  it('is the same for the same seed', async () => {
    const ask = async (seed: number) =>
      contentOf(await chat('math', 'Spell "planet" backwards.', { temperature: 2, seed }));
    expect(await ask(1)).toBe(await ask(1));
    const answers = await Promise.all([1, 2, 3, 4, 5].map(ask));
    expect(new Set(answers).size).toBeGreaterThan(1);
  });
});

describe('a prompt that is no task', () => {
  it.each(['math', 'words', 'small'])('gets the true introduction of %s', async (model) => {
    const answer = await chat(model, 'Hello, who are you?');
    const content = contentOf(answer) ?? '';
    const { choices, usage } = answer.json;
    expect(content).toContain(`I am "${model}"`);
    expect(content).toContain('cannot chat');
    expect(content).toContain('OPENAI_API_KEY');
    expect(content).toContain('sealgate.yaml');
    expect(choices[0]?.finish_reason).toBe('stop');
    expect(usage.completion_tokens).toBe(Buffer.byteLength(content));
    const { maxOutputTokens } = localModels.models[0] ?? { maxOutputTokens: 0 };
    expect(usage.completion_tokens).toBeLessThan(maxOutputTokens);
  });

  it('gets examples which that model answers', async () => {
    const content = contentOf(await chat('math', 'Hello!'));
    expect(content).toContain('What is 12 + 30?');
    expect(content).not.toContain('backwards');
  });

  it('gets it streamed too, with usage, and within max_tokens', async () => {
    const stream = { stream: true, stream_options: { include_usage: true }, max_tokens: 9 };
    const events = eventsOf(await chat('small', 'Hello!', stream));
    expect(events.map((event) => event.choices[0]?.delta.content ?? '').join('')).toBe('I am "sma');
    expect(events.at(-2)?.choices[0]?.finish_reason).toBe('length');
    expect(events.at(-1)?.usage.completion_tokens).toBe(9);
  });
});

describe('a request is refused in the envelope of OpenAI', () => {
  it('when the prompt is longer than the context', async () => {
    const { status, json } = await chat('math', 'a'.repeat(256));
    expect(status).toBe(400);
    expect(json.error).toMatchObject({
      type: 'invalid_request_error',
      code: 'context_length_exceeded',
      param: 'messages',
    });
    expect((await chat('math', 'a'.repeat(230))).status).toBe(200);
  });

  it.each([
    [{ n: 2 }, 'n'],
    [{ max_tokens: 0 }, 'max_tokens'],
    [{ temperature: 3 }, 'temperature'],
    [{ messages: [{ role: 'system', content: 'x' }] }, 'messages'],
    [{ messages: 'x' }, 'messages'],
  ])('when %j is asked for', async (more, param) => {
    const { status, json } = await chat('math', 'Hello!', more);
    expect(status).toBe(400);
    expect(json.error).toMatchObject({ type: 'invalid_request_error', param });
  });

  it('when the body is not JSON, or too large', async () => {
    expect((await call('POST', '/v1/chat/completions', '{')).status).toBe(400);
    const tooLarge = await call('POST', '/v1/chat/completions', 'x'.repeat(5_000_000));
    expect(tooLarge.status).toBe(413);
  });

  it('when the model or the path does not exist', async () => {
    const { status, json } = await chat('gpt', 'Hello!');
    expect(status).toBe(404);
    expect(json.error).toMatchObject({ code: 'model_not_found', param: 'model' });
    expect((await call('GET', '/v1/embeddings')).status).toBe(404);
  });
});

describe('under load', () => {
  it('every request waits its turn and gets its own answer', async () => {
    const sums = Array.from({ length: 40 }, (_, index) => index);
    const answers = await Promise.all(
      sums.map(async (sum) => contentOf(await chat('math', `What is ${sum} + 20?`))),
    );
    expect(answers).toEqual(sums.map((sum) => String(sum + 20)));
  });

  it('too many waiting requests are refused, and the queue recovers', async () => {
    const answers = await Promise.all(
      Array.from({ length: 120 }, () => chat('small', 'What is 12 + 30?')),
    );
    const refused = answers.filter(({ status }) => status === 503);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused[0]?.json.error.code).toBe('overloaded');
    expect(answers.length - refused.length).toBeGreaterThan(60);
    expect((await chat('small', 'What is 12 + 30?')).status).toBe(200);
  });
});
