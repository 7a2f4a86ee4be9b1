import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Sealgate } from '@sealgate/sdk';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startFakeUpstream, type FakeUpstream } from './fakes/upstream.ts';
import { startGateway, yamlFor, type Gateway } from './harness.ts';
import { mailedToken, PASSWORD, signUp } from './people.ts';
import { CHECKOUT, runProgram, type Environment, type Running } from './process.ts';

let upstream: FakeUpstream;
let gateway: Gateway;
let ada: Sealgate;
let adasKey: string;
beforeAll(async () => {
  upstream = await startFakeUpstream();
  gateway = await startGateway({ yaml: yamlFor(upstream) });
  ada = (await signUp(gateway, 'ada@example.com')).client;
  adasKey = (await ada.keys.create({ name: 'examples' })).full_key;
});
afterAll(() => upstream.close());

const start = (name: string, env: Environment = {}): Running =>
  runProgram(
    process.execPath,
    ['--import', 'tsx', '--conditions=sealgate-source', join(CHECKOUT, 'examples', `${name}.ts`)],
    { SEALGATE_URL: gateway.url(), SEALGATE_API_KEY: adasKey, ...env },
  );

/** What it prints; it must end well. */
async function printed({ ended, log }: Running): Promise<string> {
  expect(await ended, log()).toBe(0);
  return log();
}

test('conversations', async () => {
  expect(await printed(start('conversations'))).toContain('My Session: Hello!');
  expect((await ada.conversations.list()).data[0]).toMatchObject({
    title: 'My Session',
    message_count: 1,
  });
});

test('keys: the new one works', async () => {
  const [, key = ''] = /^(sk-xc-\S+)$/m.exec(await printed(start('keys'))) ?? [];
  const client = ada.withOptions({ apiKey: key });
  expect((await client.models.list()).data.length).toBeGreaterThan(0);
  expect((await ada.keys.list({ limit: 1 })).data[0]).toMatchObject({
    name: 'prod-2026',
    monthly_spend_cap_usd: '100.00',
    alert_webhook_url: 'https://your-app.com/billing-alert',
  });
});

test('feedback', async () => {
  expect(await printed(start('feedback'))).toContain('1 of 1 answers were good.');
});

test('routing: the vote counts', async () => {
  const text = await printed(start('routing'));
  expect(text).toContain('fake/model-a answered (only-one): Hello!');
  expect(text).toMatch(/^fake\/model-a: good with \d+ %, 0\.\d+ USD, chosen with 100 %$/m);
  expect(text).toContain('auto: 1 answers, 1 of 1 votes were good.');
});

test('cache: the second answer costs a quarter, and the key is gone afterwards', async () => {
  const before = upstream.received.length;
  // 11 tokens for 0.60 USD and 7 for 2.40 USD a million.
  expect(await printed(start('cache'))).toBe(
    'miss: 0.0000234 USD\nexact: 0.00000585 USD\nmiss: 0.0000234 USD\n',
  );
  expect(upstream.received.length - before).toBe(2);
  expect((await ada.keys.list({ limit: 1 })).data[0]).toMatchObject({
    name: 'with a cache',
    status: 'revoked',
  });
});

test('spending', async () => {
  const text = await printed(start('spending'));
  expect(text).toMatch(/^\d+\.\d+ USD may still be spent\.$/m);
  expect(text).toContain('11 tokens in and 7 out cost 0.0000234 USD,\nat 0.60 and 2.40 USD per');
  expect(text).toMatch(/^examples: 0\.\d+ of any USD$/m);
  expect(text).toMatch(/^fake\/model-a: \d+ requests, 0\.\d+ USD$/m);
  expect(text).toMatch(/^usage: -0\.0000234 USD, \d+\.\d+ USD were left$/m);
});

test('billing', async () => {
  const text = await printed(start('billing'));
  expect(text).toMatch(/^\d+\.\d+ USD are left\.$/m);
  expect(text).toContain('On Pay as you go, a million tokens out of nexevo/fast cost 2.40 USD.');
  expect(text).toMatch(/^\d+ requests cost \d+\.\d+ USD in the last 7 days\.$/m);
  expect(text).toMatch(/^passthrough: /m);
  expect(text).toContain('sealgate wallet credit');
});

test('organizations: the mail is answered meanwhile', async () => {
  const running = start('organizations', { INVITED: 'dev@example.com' });
  const { client: dev } = await signUp(gateway, 'dev@example.com');
  const token = await mailedToken(gateway, 'dev@example.com', 'invitation');
  const { organization } = await dev.organizations.acceptInvitation(token);
  expect(await printed(running)).toContain('dev@example.com owns Acme Inc; you are its admin.');
  expect(await dev.organizations.get(organization.org_id)).toMatchObject({ role: 'owner' });
});

test('accounts: the new password serves, the old one does not', async () => {
  const NEW_PASSWORD = 'a new battery for the horse';
  const text = await printed(start('accounts', { OLD_PASSWORD: PASSWORD, NEW_PASSWORD }));
  expect(text).toContain('The password of ada@example.com is changed.');
  const email = 'ada@example.com';
  expect(await ada.auth.login({ email, password: NEW_PASSWORD })).toMatchObject({
    user: { full_name: 'Jane Doe' },
  });
  await expect(ada.auth.login({ email, password: PASSWORD })).rejects.toMatchObject({
    code: 'invalid_credentials',
  });
});

test('every example has a test here', async () => {
  const names = (await readdir(join(CHECKOUT, 'examples'))).filter((name) => name.endsWith('.ts'));
  expect(names.map((name) => name.replace('.ts', '')).toSorted()).toEqual([
    'accounts',
    'billing',
    'cache',
    'conversations',
    'feedback',
    'keys',
    'organizations',
    'routing',
    'spending',
  ]);
});
