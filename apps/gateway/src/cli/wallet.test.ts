import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readConfig } from '../config.ts';
import { startGateway, type Gateway } from '../main.ts';
import { inSystem, wallets } from '../platform/db/index.ts';
import { BARE, runCommand } from './testing.ts';

let gateway: Gateway;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  env = {
    SEALGATE_DATA_DIR: await mkdtemp(join(tmpdir(), 'sealgate-wallet-')),
    ...BARE,
  };
  gateway = await startGateway({ config: await readConfig(env), onProgress: () => undefined });
});
afterAll(async () => {
  await gateway.close();
  await rm(env['SEALGATE_DATA_DIR'] ?? '', { recursive: true });
});

const wallet = (...args: string[]) => runCommand(['wallet', ...args, '--reason', 'test'], env);
const balance = async () => {
  const answer = await fetch(`${gateway.url}/v1/billing/balance`, {
    headers: { authorization: `Bearer ${gateway.firstRun?.keySecret.reveal()}` },
  });
  return ((await answer.json()) as { balance_usd: string }).balance_usd;
};

test('a credit and an adjustment are in the wallet that the gateway shows, to the last digit', async () => {
  const organizationId = gateway.firstRun?.organizationId ?? '';
  const credited = await wallet(
    'credit',
    '--organization',
    organizationId,
    '--amount',
    '25.000000001',
    '--json',
  );
  expect(JSON.parse(credited.stdout)).toEqual({
    transfer_id: expect.stringMatching(/^trf_/),
    organization_id: organizationId,
    amount_usd: '25.000000001',
    balance_usd: '35.000000001',
  });
  const adjusted = await wallet('adjust', '--amount=-5.00');
  expect(adjusted.stdout).toContain(`${organizationId} has 30.000000001 USD now`);
  expect(await balance()).toBe('30.000000001');
});

test.each([
  [['credit', '--amount', '-1'], 'above zero'],
  [['adjust', '--amount', '0'], 'neither zero'],
  [['adjust', '--amount', '1000000000'], 'nor a billion'],
  [['credit', '--amount', '1', '--organization', 'org_none'], 'no such organization'],
  [['refund', '--generation', 'gen_none'], 'No such generation'],
  [['credit', '--amount', '1', '--reason', ' '], 'Say why'],
])('%j is refused and books nothing', async (args, sentence) => {
  const before = await balance();
  const { exitCode, stderr } = await runCommand(
    ['wallet', ...args, ...(args.includes('--reason') ? [] : ['--reason', 'test'])],
    env,
  );
  expect([exitCode, stderr]).toEqual([1, expect.stringContaining(sentence)]);
  expect(await balance()).toBe(before);
});

test.each(['1e3', '1.0000000001', '$5', ''])(
  'the amount "%s" is not understood',
  async (amount) => {
    expect(await wallet('credit', `--amount=${amount}`)).toMatchObject({ exitCode: 2 });
  },
);

test('books that balance are told so; those that do not end with 1 and say where', async () => {
  const { exitCode, stdout } = await runCommand(['billing', 'reconcile'], env);
  expect([exitCode, stdout]).toEqual([
    0,
    expect.stringMatching(/^The books balance: 1 wallets, 3 transfers/),
  ]);

  await inSystem(gateway.services.database, (transaction) =>
    transaction.update(wallets).set({ balanceNano: 1n }),
  );
  const broken = await runCommand(['billing', 'reconcile'], env);
  expect(broken).toMatchObject({
    exitCode: 1,
    stdout: expect.stringMatching(
      new RegExp(`${gateway.firstRun?.organizationId} +30.000000001 +0.000000001`),
    ),
    stderr: expect.stringContaining('do not balance'),
  });
  const { stdout: json } = await runCommand(['billing', 'reconcile', '--json'], env);
  expect(JSON.parse(json)).toMatchObject({
    wallets: 1,
    discrepancies: [{ found_usd: '0.000000001' }],
  });
});
