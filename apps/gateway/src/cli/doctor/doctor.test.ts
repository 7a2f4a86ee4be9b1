import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCommand } from '../testing.ts';
import type { Finding } from './finding.ts';

let folder: string;
let upstream: Server;
let status = 200;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealgate-doctor-test-'));
  upstream = createServer((_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end('{"data":[]}');
  }).listen(0, '127.0.0.1');
  await once(upstream, 'listening');
});
afterAll(async () => {
  upstream.close();
  await rm(folder, { recursive: true });
});

async function examine(env: NodeJS.ProcessEnv = {}): Promise<ReadonlyMap<string, Finding>> {
  const { stdout } = await runCommand(['doctor', '--json'], {
    SEALGATE_DATA_DIR: folder,
    SEALGATE_DISCOVER: 'off',
    SEALGATE_LOCAL_MODELS: 'off',
    SEALGATE_TPM: 'off',
    ...env,
  });
  return new Map((JSON.parse(stdout) as Finding[]).map((finding) => [finding.name, finding]));
}

test('tells who can reach the gateway', async () => {
  expect((await examine()).get('address')?.state).toBe('good');
  expect((await examine({ SEALGATE_HOST: '0.0.0.0' })).get('address')).toMatchObject({
    state: 'note',
    text: expect.stringContaining('TLS'),
  });
});

test('objects to trusting everybody’s X-Forwarded-For', async () => {
  const findings = await examine({ SEALGATE_TRUSTED_PROXIES: '0.0.0.0/0' });
  expect(findings.get('trusted proxies')?.state).toBe('problem');
});

test('objects to data that others can read, and names the command that mends it', async () => {
  expect((await examine()).get('data directory')?.state).toBe('good');
  await chmod(folder, 0o755);
  const before = (await examine()).get('data directory');
  expect(before).toMatchObject({ state: 'problem', fix: `chmod go-rw ${folder}` });
  await chmod(folder, 0o700);
});

test('tells whether the master key can be had, and never what it is', async () => {
  expect((await examine()).get('master key')).toMatchObject({
    state: 'note',
    text: expect.stringContaining('the first start makes it'),
  });
  const path = join(folder, 'given.key');
  await writeFile(path, 'canary'.repeat(8), { mode: 0o600 });
  const from = async (env: NodeJS.ProcessEnv) => {
    const finding = (await examine(env)).get('master key');
    expect(JSON.stringify(finding)).not.toContain('canary');
    return finding;
  };
  expect(await from({ SEALGATE_MASTER_KEY_FILE: path })).toMatchObject({ state: 'good' });
  expect(await from({ SEALGATE_MASTER_KEY_COMMAND: `cat '${path}'` })).toMatchObject({
    state: 'good',
    text: expect.stringContaining('"cat"'),
  });
  await chmod(path, 0o644);
  expect(await from({ SEALGATE_MASTER_KEY_FILE: path })).toMatchObject({
    state: 'problem',
    text: expect.stringContaining('chmod 600'),
  });
  expect(await from({ SEALGATE_MASTER_KEY_COMMAND: 'false' })).toMatchObject({
    state: 'problem',
    text: expect.stringContaining('exit code 1'),
  });
});

test('objects to keys in ordinary memory, where Node has no secure heap', async () => {
  expect((await examine()).get('private keys')?.state).toBe('problem');
});

test('tells an upstream that answers from one that refuses the key and one that is not there', async () => {
  const { port } = upstream.address() as AddressInfo;
  const file = join(folder, 'sealgate.yaml');
  const place = (url: string) =>
    writeFile(
      file,
      `upstreams:\n  - id: mine\n    base_url: ${url}\n    trust: local\n    models:\n      - id: m\n`,
    );
  const examineUpstream = async () =>
    (await examine({ SEALGATE_CONFIG: file })).get('upstream mine');

  await place(`http://127.0.0.1:${port}/v1`);
  expect(await examineUpstream()).toMatchObject({ state: 'good' });
  status = 401;
  expect(await examineUpstream()).toMatchObject({
    state: 'problem',
    text: expect.stringContaining('key'),
  });
  await place('http://127.0.0.1:1/v1');
  expect(await examineUpstream()).toMatchObject({
    state: 'problem',
    text: expect.stringContaining('does not answer'),
  });
});

test('tells which tiers are sold below what their models cost', async () => {
  const file = join(folder, 'prices.yaml');
  const models = (...prices: readonly (readonly [id: string, input: number, output: number])[]) =>
    prices
      .map(([id, input, output]) => `{ id: ${id}, price: { input: ${input}, output: ${output} } }`)
      .join(', ');
  const mine = 'id: mine, base_url: "http://127.0.0.1:1/v1", trust: private';
  await writeFile(
    file,
    `upstreams: [{ ${mine}, models: [${models(['mini', 0.1, 0.5], ['reader', 4, 1], ['huge', 15, 75])}] }]
tiers: { fast: [mine/mini], balanced: [mine/mini, mine/reader], auto: [mine/huge, mine/mini] }
`,
  );
  const findings = await examine({ SEALGATE_CONFIG: file });
  expect(findings.get('tier fast')).toBeUndefined();
  expect(findings.get('tier balanced')).toMatchObject({
    state: 'note',
    text: 'It is sold below cost where these serve: mine/reader.',
    fix: expect.stringContaining('sealgate prices set'),
  });
  expect(findings.get('tier auto')?.text).toContain('mine/huge.');
  const raised =
    'prices: [{ effective_from: 2026-01-01T00:00:00Z, balanced: { input: 15, output: 75 } }]';
  await writeFile(file, `${await readFile(file, 'utf8')}${raised}\n`);
  const after = await examine({ SEALGATE_CONFIG: file });
  expect([after.get('tier balanced'), after.get('tier auto')]).toEqual([undefined, undefined]);
});

test('names the keys of a pool that are refused, never what they are', async () => {
  const keys: (string | undefined)[] = [];
  const server = createServer(({ headers }, response) => {
    keys.push(headers.authorization);
    response.writeHead(headers.authorization === 'Bearer canary-good' ? 200 : 401).end('{}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const file = join(folder, 'pool.yaml');
  const { port } = server.address() as AddressInfo;
  await writeFile(
    file,
    `upstreams: [{ id: pooled, base_url: "http://127.0.0.1:${port}", trust: local, api_keys: [{ env: GOOD }, { env: BAD }] }]`,
  );
  const env = { SEALGATE_CONFIG: file, GOOD: 'canary-good', BAD: 'canary-bad' };
  const finding = (await examine(env)).get('upstream pooled');
  server.close();
  expect(keys).toHaveLength(2);
  expect(finding).toMatchObject({ state: 'problem', fix: expect.stringContaining('others') });
  expect(finding?.text).toContain('refuses the key BAD (401)');
  expect(JSON.stringify(finding)).not.toMatch(/GOOD|canary/);
});

test('exits with 1 when something is wrong, and says so for people', async () => {
  const { exitCode, stdout, stderr } = await runCommand(['doctor'], {
    SEALGATE_DATA_DIR: folder,
    SEALGATE_DISCOVER: 'off',
    SEALGATE_LOCAL_MODELS: 'off',
    SEALGATE_TRUSTED_PROXIES: '0.0.0.0/0',
  });
  expect(exitCode).toBe(1);
  expect(stdout).toMatch(/✗ trusted proxies: .+\n {4}→ Name the proxies only\.\n/);
  expect(stderr).toMatch(/problem/);
});
