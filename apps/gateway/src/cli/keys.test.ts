import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readConfig } from '../config.ts';
import { startGateway, type Gateway } from '../main.ts';
import { BARE, runCommand } from './testing.ts';

let gateway: Gateway;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  env = {
    SEALGATE_DATA_DIR: await mkdtemp(join(tmpdir(), 'sealgate-keys-')),
    ...BARE,
  };
  gateway = await startGateway({ config: await readConfig(env), onProgress: () => undefined });
});
afterAll(async () => {
  await gateway.close();
  await rm(env['SEALGATE_DATA_DIR'] ?? '', { recursive: true });
});

const models = (key: string) => runCommand(['models', '--url', gateway.url, '--key', key], env);

test('a created key is all that standard output holds, and it works at once', async () => {
  const { exitCode, stdout, stderr } = await runCommand(['keys', 'create', 'shell'], env);
  expect({ exitCode, stdout }).toEqual({
    exitCode: 0,
    stdout: expect.stringMatching(/^sk-xc-\w+\n$/),
  });
  expect(stderr).toContain('only this once');
  expect(await models(stdout.trim())).toMatchObject({ exitCode: 0 });
});

test('a list shows what a key is for and never its secret', async () => {
  const created = await runCommand(
    [
      'keys',
      'create',
      'listed',
      '--rpm',
      '7',
      '--models',
      'a/b, c/d',
      '--expires',
      '2d',
      '--cap',
      '12.5',
      '--geo',
      'cn-only',
      '--ip',
      '127.0.0.1, 10.0.0.0/8',
      '--json',
    ],
    env,
  );
  const { id, secret } = JSON.parse(created.stdout) as { id: string; secret: string };
  const { stdout } = await runCommand(['keys', 'list', '--json'], env);
  expect(stdout).not.toContain(secret);
  expect(JSON.parse(stdout)).toContainEqual(
    expect.objectContaining({
      id,
      name: 'listed',
      rate_limit_rpm: 7,
      allowed_models: ['a/b', 'c/d'],
      monthly_spend_cap_usd: '12.50',
      geo_policy: 'cn-only',
      ip_allow_list: ['127.0.0.1', '10.0.0.0/8'],
    }),
  );
  expect((await runCommand(['keys', 'list'], env)).stdout).toMatch(
    new RegExp(`^${id} .+listed`, 'm'),
  );
});

test.each([
  ['--expires', 'soon'],
  ['--expires', '2020-01-01'],
  ['--rpm', '0'],
  ['--cap', '1e3'],
  ['--geo', 'eu-only'],
  ['--ip', '10.0.0.0/33'],
  ['--ip', 'localhost'],
])('%s %s makes no key', async (option, value) => {
  const { exitCode, stdout } = await runCommand(['keys', 'create', 'x', option, value], env);
  expect({ isRefused: exitCode !== 0, stdout }).toEqual({ isRefused: true, stdout: '' });
});

test('a key for other addresses opens no billable route here', async () => {
  const created = await runCommand(['keys', 'create', 'x', '--ip', '192.0.2.0/24'], env);
  for (const path of ['/v1/chat/completions', '/v1/embeddings', '/v1/models']) {
    const answer = await fetch(gateway.url + path, {
      method: path === '/v1/models' ? 'GET' : 'POST',
      headers: { authorization: `Bearer ${created.stdout.trim()}` },
    });
    expect([answer.status, await answer.json()]).toMatchObject([
      403,
      { error: { code: 'ip_not_allowed' } },
    ]);
  }
});

test('a revoked key is refused by the gateway that runs beside', async () => {
  const created = await runCommand(['keys', 'create', 'short-lived', '--json'], env);
  const { id, secret } = JSON.parse(created.stdout) as { id: string; secret: string };
  expect(await models(secret)).toMatchObject({ exitCode: 0 });

  expect(await runCommand(['keys', 'revoke', id], env)).toMatchObject({ exitCode: 0 });
  await expect.poll(async () => (await models(secret)).exitCode).toBe(1);
  expect((await runCommand(['keys', 'list'], env)).stdout).toMatch(
    new RegExp(`^${id} .+revoked$`, 'm'),
  );
});

test('a key that does not exist cannot be revoked', async () => {
  expect(await runCommand(['keys', 'revoke', 'key_none'], env)).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('no such key'),
  });
});
