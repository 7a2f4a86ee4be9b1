import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import OpenAI from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { collect } from './collect.ts';
import {
  answer,
  frames,
  startFakeUpstream,
  type FakeUpstream,
  type Script,
} from './fakes/upstream.ts';
import { startGateway, temporaryDirectory, yamlFor, type Gateway } from './harness.ts';
import { runProgram, runSealgate, sealgateCommand } from './process.ts';

describe('the first start', () => {
  let gateway: Gateway;
  let lines: readonly string[];
  beforeAll(async () => {
    gateway = await startGateway({ env: { SEALGATE_LOCAL_MODELS: 'on' } });
    lines = gateway.running().stdout().split('\n\n');
  });

  /** As a person would: the paragraph that begins like this, pasted into a shell in the checkout. */
  async function paste(beginning: string, path?: string): Promise<string> {
    const line = lines.find((paragraph) => paragraph.startsWith(beginning)) ?? '';
    const PATH = [path, process.env['PATH']].filter(Boolean).join(':');
    const { ended, stdout, log } = runProgram('/bin/sh', ['-c', line], { PATH });
    expect(await ended, `${line}\n${log()}`).toBe(0);
    return stdout();
  }

  test('says what it does, and shows the key', () => {
    expect(gateway.log()).toContain('Creating the database');
    expect(gateway.url()).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(lines).toContain(`  ${gateway.key}`);
  });

  test('prints a curl line that works', async () => {
    expect(JSON.parse(await paste('curl '))).toMatchObject({
      choices: [{ message: { content: '42' } }],
    });
  });

  test('prints a program with OpenAI’s client that works', async () => {
    expect(await paste('node ')).toBe('42\n');
  });

  test('prints a sealed line that works', async () => {
    // What `npx` finds is built; here the same command runs from source.
    const programs = await temporaryDirectory();
    const command = sealgateCommand().map((part) => `'${part}'`);
    await writeFile(join(programs, 'npx'), `#!/bin/sh\nshift\nexec ${command.join(' ')} "$@"\n`);
    await chmod(join(programs, 'npx'), 0o755);
    expect(await paste('npx sealgate chat --sealed', programs)).toContain('42');
  });
});

describe('later', () => {
  let upstream: FakeUpstream;
  let gateway: Gateway;
  beforeAll(async () => {
    upstream = await startFakeUpstream();
    gateway = await startGateway({ yaml: yamlFor(upstream) });
  });
  afterAll(() => upstream.close());
  beforeEach(() => upstream.always(answer('Hello!')));

  const client = (): OpenAI =>
    new OpenAI({ baseURL: `${gateway.url()}/v1`, apiKey: gateway.key, maxRetries: 0 });
  const request = {
    model: 'fake/model-a',
    messages: [{ role: 'user' as const, content: 'Hi' }],
  };

  test('another start, also after kill -9, goes on with the same data and shows no key', async () => {
    for (const end of ['stop', 'kill'] as const) {
      await gateway[end]();
      await gateway.restart();
      await client().chat.completions.create(request);
      expect(gateway.log()).not.toContain('Creating the database');
      expect(gateway.log()).not.toContain('sk-xc-');
    }
  });

  /** A start that must fail: what it prints, and that it leaves nothing running. */
  async function failedStart(env: Record<string, string>): Promise<string> {
    const { ended, log } = runSealgate(['start'], { ...gateway.env, ...env });
    expect(await ended, log()).toBe(1);
    expect(log()).not.toMatch(/^\s+at /m);
    return log();
  }

  test('a busy port is named, with who has it and what to do', async () => {
    const dataDir = join(await temporaryDirectory(), 'data');
    const { port } = new URL(gateway.url());
    const log = await failedStart({ SEALGATE_PORT: port, SEALGATE_DATA_DIR: dataDir });
    expect(log).toContain(`Another program already listens on 127.0.0.1:${port}.`);
    expect(log).toContain('Set SEALGATE_PORT');
    expect(log).toContain(`(process ${gateway.running().child.pid})`);
    expect(existsSync(join(dataDir, 'postgres/postmaster.pid'))).toBe(false);
  });

  test('a second gateway on the same data is refused, and the first one goes on', async () => {
    const { pid } = gateway.running().child;
    expect(await failedStart({})).toMatch(
      new RegExp(`Another gateway \\(.*\\b${pid}\\b.*\\) uses`),
    );
    await client().chat.completions.create(request);
  });

  test('data of another PostgreSQL is left alone', async () => {
    const dataDir = join(await temporaryDirectory(), 'data');
    const version = join(dataDir, 'postgres/PG_VERSION');
    await mkdir(join(dataDir, 'postgres'), { recursive: true });
    await writeFile(version, '15\n');
    expect(await failedStart({ SEALGATE_DATA_DIR: dataDir })).toContain('PostgreSQL 15');
    expect(await readFile(version, 'utf8')).toBe('15\n');
  });

  test('a stop lets a running stream end, takes no new request, waits for no silent connection, and ends with 0', async () => {
    let release = (): void => undefined;
    const [first = '', ...others] = frames(['One', ' two']);
    const paused: Script = (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(first);
      release = () => response.end(others.join(''));
    };
    upstream.next(paused);
    const stream = await client().chat.completions.create({ ...request, stream: true });
    const url = gateway.url();
    const running = gateway.running();
    const silent = connect(Number(new URL(url).port), '127.0.0.1').resume();
    await once(silent, 'connect');
    const closed = once(silent, 'close');
    const stopped = gateway.stop();
    await vi.waitFor(() => expect(running.log()).toContain('Stopping'));
    await vi.waitFor(() => expect(fetch(`${url}/healthz`)).rejects.toThrow());
    // Opened in advance: nobody waits for what never comes.
    await closed;
    release();
    const chunks = await collect(stream);
    expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')).toBe('One two');
    expect(chunks.at(-1)).toHaveProperty('nexevo');
    await stopped;
  });
});
