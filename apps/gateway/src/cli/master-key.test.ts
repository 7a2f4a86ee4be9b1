import { eq } from 'drizzle-orm';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TOTP } from 'otpauth';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readConfig } from '../config.ts';
import { startGateway, type Gateway } from '../main.ts';
import { organizations, providerKeys } from '../platform/db/index.ts';
import { inTenant } from '../platform/db/index.ts';
import { PURPOSES } from '../platform/vault-purposes.ts';
import { BARE, runCommand } from './testing.ts';

let env: NodeJS.ProcessEnv;
let dataDir: string;
let keyPath: string;
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'sealgate-rotate-'));
  keyPath = join(dataDir, 'master.key');
  env = {
    SEALGATE_DATA_DIR: dataDir,
    ...BARE,
  };
});
afterAll(() => rm(dataDir, { recursive: true }));

async function withGateway<Result>(
  use: (gateway: Gateway) => Promise<Result>,
  changes: NodeJS.ProcessEnv = {},
): Promise<Result> {
  const config = await readConfig({ ...env, ...changes });
  const gateway = await startGateway({ config, onProgress: () => undefined });
  try {
    return await use(gateway);
  } finally {
    await gateway.close();
  }
}
const rotate = (args: readonly string[] = [], changes: NodeJS.ProcessEnv = {}) =>
  runCommand(['master-key', 'rotate', ...args], { ...env, ...changes });

const PASSWORD = 'four random words here';

async function call(
  gateway: Gateway,
  operation: string,
  { as, body, headers = {} }: { as?: string; body?: object; headers?: Record<string, string> } = {},
) {
  const [method = '', path = ''] = operation.split(' ');
  const answer = await fetch(gateway.url + path, {
    method,
    headers: {
      'content-type': 'application/json',
      ...(as !== undefined && { authorization: `Bearer ${as}` }),
      ...headers,
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  return { status: answer.status, body: text === '' ? {} : JSON.parse(text) };
}

interface Sealed {
  readonly email: string;
  readonly totpSecret: string;
  readonly apiKey: string;
  readonly organizationId: string;
}

const CREATION = { body: { name: 'once' }, headers: { 'idempotency-key': 'once' } };
const PLACE = { id: 'pvk_1', provider: 'openai', origin: 'https://api.openai.com' };

const codeOf = (secret: string, step = 0): string =>
  new TOTP({ secret }).generate({ timestamp: Date.now() + step * 30_000 });

/** Somebody with a second factor, a stored answer and a provider key. */
async function sealSomething(gateway: Gateway): Promise<Sealed> {
  const email = 'ada@example.com';
  const made = await runCommand(['users', 'create', '--email', email, '--json'], env);
  const { password } = JSON.parse(made.stdout) as { password: string };
  const { body: session } = await call(gateway, 'POST /v1/auth/login', {
    body: { email, password },
  });
  const as = session.access_token;
  await call(gateway, 'POST /v1/auth/change-password', {
    as,
    body: { current_password: password, new_password: PASSWORD },
  });
  const { body: totp } = await call(gateway, 'POST /v1/auth/2fa/setup', {
    as,
    body: { password: PASSWORD },
  });
  const confirmed = await call(gateway, 'POST /v1/auth/2fa/verify', {
    as,
    body: { code: codeOf(totp.secret, -1) },
  });
  expect(confirmed.status).toBe(200);
  const { body: created } = await call(gateway, 'POST /v1/keys', { as, ...CREATION });
  const organizationId = session.user.organizations[0].org_id;
  const { store, vault } = gateway.services.platform;
  await inTenant({ store }, organizationId, (transaction) =>
    transaction.insert(providerKeys).values({
      ...PLACE,
      organizationId,
      label: 'x',
      lastFour: 'last',
      secret: vault.seal(PURPOSES.providerKey({ ...PLACE, organizationId }), 'provider secret'),
    }),
  );
  return { email, totpSecret: totp.secret, apiKey: created.full_key, organizationId };
}

let sealed: Sealed;
let step = 0;

/** Does everything that was sealed still serve? */
async function expectAllServes(gateway: Gateway): Promise<void> {
  const { email, totpSecret, apiKey, organizationId } = sealed;
  // Each step serves once.
  const { status, body } = await call(gateway, 'POST /v1/auth/login', {
    body: { email, password: PASSWORD, totp_code: codeOf(totpSecret, step) },
  });
  expect([status, body.user?.email]).toEqual([200, email]);
  const again = await call(gateway, 'POST /v1/keys', { as: body.access_token, ...CREATION });
  expect(again.body.full_key).toBe(apiKey);
  const { store, vault } = gateway.services.platform;
  const [row] = await inTenant({ store }, organizationId, (transaction) =>
    transaction.select().from(providerKeys).where(eq(providerKeys.organizationId, organizationId)),
  );
  expect(row && vault.open(PURPOSES.providerKey(row), row.secret).reveal()).toBe('provider secret');
}

test('while a gateway runs, the key is not changed', async () => {
  await withGateway(async (gateway) => {
    sealed = await sealSomething(gateway);
    const before = await readFile(keyPath, 'utf8');
    const { exitCode, stderr } = await rotate();
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining('Stop every gateway first')]);
    expect(await readFile(keyPath, 'utf8')).toBe(before);
    expect((await call(gateway, 'GET /v1/auth/me', { as: sealed.apiKey })).status).toBe(200);
  });
});

test('the key in the data folder is replaced by a new one, and everything that was sealed still serves', async () => {
  const before = await readFile(keyPath, 'utf8');
  const { exitCode, stdout, stderr } = await rotate();
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/^SEALED +ANEW +BEFORE +LOST\n/);
  expect(stdout).toMatch(/totp_secrets\.secret +1 +0 +0\n/);
  expect(stdout).toMatch(/provider_keys\.secret +1 +0 +0\n/);
  expect(stderr).toContain(`The old key is in ${keyPath}.old`);
  const after = await readFile(keyPath, 'utf8');
  expect(after).not.toBe(before);
  expect(await readFile(`${keyPath}.old`, 'utf8')).toBe(before);
  for (const path of [keyPath, `${keyPath}.old`]) {
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  }
  expect(stdout + stderr).not.toContain(before);
  expect(stdout + stderr).not.toContain(after);
  step = 0;
  await withGateway(expectAllServes);
});

test('a gateway or a command with another key than the database’s does not start, and says what to do', async () => {
  const wrong = { SEALGATE_MASTER_KEY: 'not the key under which anything was sealed' };
  await expect(withGateway(async () => {}, wrong)).rejects.toThrow(
    /not the master key.*sealgate master-key rotate/,
  );
  const { exitCode, stderr } = await runCommand(['keys', 'list'], { ...env, ...wrong });
  expect([exitCode, stderr]).toEqual([1, expect.stringContaining('not the master key')]);
});

test('a run that ended before it had put the new key in its place is finished by the next', async () => {
  const before = await readFile(keyPath, 'utf8');
  expect((await rotate(['--json'])).exitCode).toBe(0);
  // As if it had been killed just before.
  const after = await readFile(keyPath, 'utf8');
  await writeFile(`${keyPath}.next`, after, { mode: 0o600 });
  await writeFile(keyPath, before, { mode: 0o600 });
  await expect(withGateway(async () => {})).rejects.toThrow('not the master key');
  const { stdout, exitCode } = await rotate();
  expect([exitCode, stdout]).toEqual([0, expect.stringContaining('already')]);
  expect(await readFile(keyPath, 'utf8')).toBe(after);
  step = 1;
  await withGateway(expectAllServes);
});

test('the key moves from the folder to a command, from there to a file, and back', async () => {
  const [first, second] = ['first', 'second'].map((name) => `${name} key that a KMS has made up`);
  const kms = join(dataDir, 'kms.txt');
  const file = join(dataDir, 'new.key');
  await writeFile(kms, `${first}\n`, { mode: 0o600 });
  await writeFile(file, `${second}\n`, { mode: 0o600 });
  const command = { SEALGATE_MASTER_KEY_COMMAND: `cat "${kms}"` };
  const toCommand = await rotate(['--json'], command);
  expect(JSON.parse(toCommand.stdout)).toMatchObject({
    result: 'rotated',
    columns: expect.arrayContaining([
      { table: 'provider_keys', column: 'secret', resealed: 1, skipped: 0, unreadable: 0 },
    ]),
  });
  expect(toCommand.stderr).toContain(`${keyPath} is not used any more`);

  const toFile = { SEALGATE_MASTER_KEY_FILE: file };
  const wrong = await rotate([], toFile);
  expect([wrong.exitCode, wrong.stderr]).toEqual([
    1,
    expect.stringContaining('The old key is not'),
  ]);
  expect((await rotate(['--old-key-command', `cat ${kms}`], toFile)).exitCode).toBe(0);

  const text = { SEALGATE_MASTER_KEY: 'a third key, in the environment itself' };
  expect((await rotate(['--old-key-file', file], text)).exitCode).toBe(0);
  await withGateway(async (gateway) => {
    expect((await call(gateway, 'GET /v1/auth/me', { as: sealed.apiKey })).status).toBe(200);
  }, text);
  await writeFile(file, text.SEALGATE_MASTER_KEY);
  expect((await rotate(['--old-key-file', file])).exitCode).toBe(0);
  await withGateway(async (gateway) => {
    const { store, vault } = gateway.services.platform;
    const [row] = await inTenant({ store }, sealed.organizationId, (transaction) =>
      transaction.select().from(providerKeys),
    );
    expect(row && vault.open(PURPOSES.providerKey(row), row.secret).reveal()).toBe(
      'provider secret',
    );
    expect(await inTenant({ store }, sealed.organizationId, (t) => t.$count(organizations))).toBe(
      1,
    );
  });
});

test('without the old key it goes on when told so, and what was sealed under it is counted as lost', async () => {
  const lost = { SEALGATE_MASTER_KEY: 'the only key that there is from now on' };
  await rm(keyPath);
  const asked = await rotate([], lost);
  expect([asked.exitCode, asked.stderr]).toEqual([1, expect.stringContaining('--old-key-file')]);
  const { exitCode, stdout, stderr } = await rotate(['--old-key-is-lost'], lost);
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/provider_keys\.secret +0 +0 +1\n/);
  expect(stderr).toContain('opens with neither key');
  await withGateway(async (gateway) => {
    const { email } = sealed;
    const body = { email, password: PASSWORD };
    const { body: answer } = await call(gateway, 'POST /v1/auth/login', { body });
    expect(answer.error.code).toBe('two_factor_required');
  }, lost);
});

test.each([
  [['--old-key-file', '/a', '--old-key-is-lost']],
  [['--old-key-file', '/a', '--old-key-command', 'b']],
  [['--old-key-command', 'b', '--old-key-is-lost']],
])('%j is not understood', async (args) => {
  expect(await rotate(args)).toMatchObject({ exitCode: 2 });
});
