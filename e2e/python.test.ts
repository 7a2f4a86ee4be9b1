import { existsSync } from 'node:fs';
import { readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { obedientModel } from './fakes/obedient-model.ts';
import {
  frames,
  json,
  reset,
  startFakeUpstream,
  stream,
  type FakeUpstream,
} from './fakes/upstream.ts';
import { startGateway, temporaryDirectory, yamlFor, type Gateway } from './harness.ts';
import { CHECKOUT } from './process.ts';

const PYTHON = join(CHECKOUT, '.tools/venv/bin/python');
/** `npm test` prepares it, and in CI refuses to go on without. */
const hasPython = existsSync(PYTHON) || process.env['CI'] === 'true';

type Fields = Record<string, unknown>;

interface Outcome extends Fields {
  readonly answer?: Fields & { readonly _metadata: Fields; readonly choices: Fields[] };
  readonly chunks?: (Fields & {
    readonly choices: { readonly delta: { readonly content?: string } }[];
  })[];
  readonly error?: string;
}

interface Call {
  readonly base_url?: string;
  readonly api_key?: string;
  readonly request?: Fields;
}

/** A Python program that stays for all calls: starting it takes longer than the calls. */
async function startPython(script: string, ...args: string[]) {
  const child = spawn(PYTHON, ['-W', 'ignore', join(CHECKOUT, 'e2e/python', script), ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  return {
    call: async (call: object): Promise<Outcome> => {
      child.stdin.write(`${JSON.stringify(call)}\n`);
      const line = await lines.next();
      if (line.done) throw new Error(`${script} has ended`);
      return JSON.parse(line.value) as Outcome;
    },
    end: async () => {
      child.stdin.end();
      if (child.exitCode === null) await once(child, 'exit');
    },
  };
}

type Python = Awaited<ReturnType<typeof startPython>>;

const messages = [{ role: 'user', content: 'Where is it?' }];
const tools = [
  {
    type: 'function',
    function: {
      name: 'weather',
      parameters: { type: 'object', properties: { city: { type: 'string' } } },
    },
  },
];

describe.runIf(hasPython)('published Python clients', () => {
  let upstream: FakeUpstream;
  let gateway: Gateway;

  beforeAll(async () => {
    upstream = await startFakeUpstream();
    const here = yamlFor(upstream, { id: 'here', trust: 'local' });
    const elsewhere = yamlFor(upstream, { id: 'elsewhere', trust: 'private' });
    gateway = await startGateway({ yaml: here + elsewhere.replace('upstreams:\n', '') });
  });
  afterAll(() => upstream.close());
  beforeEach(() => {
    upstream.received.length = 0;
    upstream.always(obedientModel);
  });

  describe('nomyo', () => {
    let python: Python;
    beforeAll(async () => {
      python = await startPython('nomyo_calls.py', join(await temporaryDirectory(), 'keys'));
    });
    afterAll(() => python.end());

    const ask = (request: Fields = {}, call: Call = {}): Promise<Outcome> =>
      python.call({
        base_url: gateway.url(),
        api_key: gateway.key,
        ...call,
        request: { model: 'here/model-a', messages, ...request },
      });

    test.each([undefined, 'standard', 'high', 'maximum'])('chats on the tier %s', async (tier) => {
      const { answer } = await ask(tier === undefined ? {} : { security_tier: tier });
      expect(answer).toMatchObject({
        choices: [{ message: { role: 'assistant', content: 'Hello, world!' } }],
        usage: { prompt_tokens: 11, completion_tokens: 7 },
        nexevo: { model_used: 'here/model-a' },
        _metadata: {
          payload_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
          processed_at: expect.any(Number),
          is_encrypted: true,
          encryption_algorithm: 'hybrid-aes256-rsa4096',
          response_status: 'success',
          security_tier: tier ?? 'standard',
          memory_protection: {
            platform: 'linux',
            memory_locking: expect.any(Boolean),
            secure_zeroing: true,
            core_dump_prevention: expect.any(Boolean),
          },
          cuda_device: { is_available: expect.any(Boolean) },
          tpm_attestation: { is_available: false },
        },
      });
      expect(upstream.received[0]?.body).toEqual({
        model: 'model-a',
        messages,
        stream: false,
        max_tokens: 16_384,
      });
    });

    test('calls tools and gets structured output', async () => {
      const called = await ask({ tools });
      expect(called.answer?.choices[0]).toMatchObject({
        message: { tool_calls: [{ function: { name: 'weather', arguments: '{"city":"Seoul"}' } }] },
      });
      const schema = { type: 'object', properties: { city: { type: 'string' } } };
      const filled = await ask({
        response_format: { type: 'json_schema', json_schema: { name: 'place', schema } },
      });
      expect(filled.answer?.choices[0]).toMatchObject({
        message: { content: '{"city":"Seoul"}' },
      });
    });

    test.each([
      ['a faulty request', 400, 'InvalidRequestError', { messages: [] }, {}],
      ['a wrong key', 401, 'AuthenticationError', {}, { api_key: 'sk-xc-wrong' }],
      [
        'a model that the tier does not allow',
        403,
        'ForbiddenError',
        { model: 'elsewhere/model-a', security_tier: 'maximum' },
        {},
      ],
      ['an unknown model', 404, 'APIError', { model: 'here/nothing' }, {}],
    ])('%s is %i: %s', async (_, status, error, request, call) => {
      expect(await ask(request, call)).toMatchObject({ status, error });
      expect(upstream.received).toHaveLength(0);
    });

    test('a fault of our own, here a lost journal, is 500: ServerError', async () => {
      const journal = join(gateway.dataDir, 'journal');
      await vi.waitFor(async () => expect(await readdir(journal)).toEqual([]), 5_000);
      await rename(journal, `${journal}-away`);
      try {
        expect(await ask()).toMatchObject({ status: 500, error: 'ServerError' });
      } finally {
        await rename(`${journal}-away`, journal);
      }
      expect((await ask()).answer).toBeDefined();
    });

    test('a model provider that is down is 502, and soon 503: ServiceUnavailableError', async () => {
      upstream.always(reset);
      const request = { model: 'elsewhere/model-a' };
      for (let tries = 1; tries <= 3; tries += 1) {
        expect(await ask(request)).toMatchObject({ status: 502, error: 'APIError' });
      }
      expect(await ask(request)).toMatchObject({ status: 503, error: 'ServiceUnavailableError' });
    });

    test('a used-up minute is 429: RateLimitError', async () => {
      await gateway.restart({ env: { SEALGATE_RATE_LIMIT_RPM: '1' } });
      expect((await ask()).answer).toBeDefined();
      expect(await ask()).toMatchObject({ status: 429, error: 'RateLimitError' });
    });

    test('sealed chat that is switched off has no key to seal to', async () => {
      await gateway.restart({ env: { SEALGATE_SEALED: 'off' } });
      expect(await ask()).toMatchObject({ message: expect.stringContaining('HTTP 404') });
      await gateway.restart();
    });
  });

  describe('openai', () => {
    let python: Python;
    beforeAll(async () => {
      python = await startPython('openai_calls.py');
    });
    afterAll(() => python.end());

    const ask = (request: Fields = {}, call: Call = {}): Promise<Outcome> =>
      python.call({
        base_url: `${gateway.url()}/v1`,
        api_key: gateway.key,
        ...call,
        request: { model: 'here/model-a', messages, ...request },
      });
    const textOf = (chunks: Outcome['chunks'] = []): string =>
      chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('');

    test('chats, whole and streamed, and calls tools', async () => {
      expect((await ask()).answer?.choices[0]).toMatchObject({
        message: { content: 'Hello, world!' },
      });
      const { chunks } = await ask({ stream: true, stream_options: { include_usage: true } });
      expect(textOf(chunks)).toBe('Hello, world!');
      expect(chunks?.at(-1)).toMatchObject({ choices: [], usage: { prompt_tokens: 11 } });
      expect((await ask({ tools })).answer?.choices[0]).toMatchObject({
        message: { tool_calls: [{ function: { name: 'weather', arguments: '{"city":"Seoul"}' } }] },
      });
    });

    test.each([
      ['BadRequestError', 400, { messages: [] }, {}],
      ['AuthenticationError', 401, {}, { api_key: 'sk-xc-wrong' }],
      ['NotFoundError', 404, { model: 'here/nothing' }, {}],
    ])('%s is %i', async (error, status, request, call) => {
      expect(await ask(request, call)).toMatchObject({ error, status });
    });

    test('a stream that breaks raises APIError after what came', async () => {
      upstream.always(stream(frames(['One', ' two']).slice(0, 3), { isCut: true }));
      const { chunks, error } = await ask({ stream: true });
      expect(error).toBe('APIError');
      expect(textOf(chunks)).toBe('One two');
    });

    test('InternalServerError and RateLimitError of the model provider', async () => {
      upstream.always(json(500, { error: { message: 'oops' } }));
      expect(await ask()).toMatchObject({ error: 'InternalServerError', status: 502 });
      upstream.always(json(429, { error: { message: 'slow down' } }));
      expect(await ask()).toMatchObject({ error: 'RateLimitError', status: 429 });
    });
  });
});
