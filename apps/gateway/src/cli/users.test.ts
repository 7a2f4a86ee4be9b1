import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readConfig } from '../config.ts';
import { startGateway, type Gateway } from '../main.ts';
import { BARE, runCommand } from './testing.ts';

let gateway: Gateway;
let env: NodeJS.ProcessEnv;
let dataDir: string;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'sealgate-users-'));
  env = {
    SEALGATE_DATA_DIR: dataDir,
    ...BARE,
  };
  gateway = await startGateway({ config: await readConfig(env), onProgress: () => undefined });
});
afterAll(async () => {
  await gateway.close();
  await rm(dataDir, { recursive: true });
});

async function call(method: string, path: string, more: { as?: string; body?: object } = {}) {
  const answer = await fetch(`${gateway.url}/v1/auth/${path}`, {
    method,
    headers: {
      'content-type': 'application/json',
      ...(more.as !== undefined && { authorization: `Bearer ${more.as}` }),
    },
    ...(more.body && { body: JSON.stringify(more.body) }),
  });
  const text = await answer.text();
  return { status: answer.status, body: text === '' ? undefined : JSON.parse(text) };
}

test('the first account takes over the organization and the key of the first start, the second does not', async () => {
  const firstKey = gateway.firstRun?.keySecret.reveal() ?? '';
  expect((await call('GET', 'me', { as: firstKey })).status).toBe(403);

  const ada = await runCommand(['users', 'create', '--email', 'Ada@example.com'], env);
  expect(ada).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^[\w-]{20}\n$/) });
  expect(ada.stderr).toContain('theirs now');
  const body = { email: 'ada@example.com', password: ada.stdout.trim() };
  const signedIn = await call('POST', 'login', { body });
  const organizationId = gateway.firstRun?.organizationId;
  expect(signedIn).toMatchObject({
    status: 200,
    body: { user: { organizations: [{ org_id: organizationId, role: 'owner' }] } },
  });
  await expect
    .poll(async () => (await call('GET', 'me', { as: firstKey })).body.email)
    .toBe('ada@example.com');

  const eve = await runCommand(['users', 'create', '--email', 'eve@example.com', '--json'], env);
  const { password } = JSON.parse(eve.stdout) as { password: string };
  const other = await call('POST', 'login', { body: { email: 'eve@example.com', password } });
  expect(other.body.user.organizations).toHaveLength(1);
  expect(other.body.user.organizations[0].org_id).not.toBe(organizationId);
});

test('a password can be given, and must not be a common one', async () => {
  const create = (input: string) =>
    runCommand(['users', 'create', '--email', 'own@example.com', '--password-stdin'], env, input);
  expect(await create('password1234\n')).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('among the first that are guessed'),
  });
  expect(await create('four random words here\n')).toMatchObject({ exitCode: 0, stdout: '' });
  const body = { email: 'own@example.com', password: 'four random words here' };
  expect((await call('POST', 'login', { body })).status).toBe(200);
  expect(await create('four random words here\n')).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('has an account already'),
  });
});

test('an account that was closed can be restored, another not', async () => {
  const body = { email: 'own@example.com', password: 'four random words here' };
  const { access_token: as } = (await call('POST', 'login', { body })).body;
  await call('POST', 'deactivate', { as, body: { password: body.password } });
  expect((await call('POST', 'login', { body })).status).toBe(401);
  const restore = () => runCommand(['users', 'restore', '--email', body.email], env);
  expect(await restore()).toMatchObject({ exitCode: 0 });
  expect((await call('POST', 'login', { body })).status).toBe(200);
  expect(await restore()).toMatchObject({ exitCode: 1 });
});

test('what is no address is not understood', async () => {
  expect(await runCommand(['users', 'create', '--email', 'ada'], env)).toMatchObject({
    exitCode: 2,
  });
});

test('a running gateway writes its mails into the outbox of the data directory, in the person’s language', async () => {
  const answer = await fetch(`${gateway.url}/v1/auth/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'accept-language': 'de' },
    body: JSON.stringify({ email: 'neu@example.com', password: 'four random words here' }),
  });
  expect(answer.status).toBe(201);
  const mails = async () => {
    const files = await readdir(join(dataDir, 'outbox')).catch(() => []);
    const texts = await Promise.all(
      files.map((file) => readFile(join(dataDir, 'outbox', file), 'utf8')),
    );
    return texts.filter((text) => text.includes('To: neu@example.com'));
  };
  await expect.poll(mails, { timeout: 20_000 }).toHaveLength(1);
  const [mail = ''] = await mails();
  expect(mail).toContain('Subject: =?UTF-8?Q?Best=C3=A4tigen_Sie_Ihre_E-Mail-Adresse?=');
});
