import { nanoUsd } from '@sealgate/contract';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startBackgroundWork } from './background-work.ts';
import {
  testGeneration,
  testInvoices,
  testPayments,
  testPlans,
} from './customers/billing/testing.ts';
import { plantCappedKey, plantMember } from './customers/billing/alerts/testing.ts';
import { settleGenerations } from './customers/billing/settlement/settle-generations.ts';
import { printGeneration } from './customers/billing/usage/print-generation.ts';
import { createTestDatabase, type TestDatabase } from './platform/db/testing.ts';
import { createLogs, createMetrics } from './platform/telemetry/index.ts';
import { testContext } from './platform/testing-context.ts';
import { createWebhookSender } from './platform/webhooks/index.ts';
import { createTestReceiver, type TestReceiver } from './platform/webhooks/testing.ts';

let database: TestDatabase;
let receiver: TestReceiver;
let dataDir: string;
beforeAll(async () => {
  database = await createTestDatabase();
  receiver = await createTestReceiver();
  dataDir = await mkdtemp(join(tmpdir(), 'sealgate-background-'));
});
afterAll(async () => {
  await database.close();
  await receiver.close();
  await rm(dataDir, { recursive: true });
});

test('an alert is sent and mailed by itself, as soon as what it is about is charged, and counted', async () => {
  const ctx = testContext(database, { actor: { kind: 'system' } });
  const webhooks = createWebhookSender({ connect: receiver.connect });
  const metrics = createMetrics();
  const config = {
    dataDir,
    mail: { smtpUrl: undefined, from: 'gate@gate.example' },
    publicUrl: 'https://gate.example',
    routing: { keepsFeatures: true, logDays: 90 },
  };
  const { log } = createLogs('silent');
  const { plans } = testPlans();
  const money = { payments: testPayments(), invoices: testInvoices(), plans };
  const parts = { config, database, ctx, log, webhooks, metrics, ...money };
  const background = startBackgroundWork(parts);
  const alertWebhook = { url: 'https://hooks.example.com/' };
  const { organizationId, keyId } = await plantCappedKey(ctx, { alertWebhook });
  await plantMember(database, ctx, { organizationId, name: 'ada', role: 'owner' });
  const used = testGeneration(organizationId, { keyId, costNano: nanoUsd(5_000_000_000n) });
  await settleGenerations(ctx, [printGeneration(used)]);

  await expect.poll(() => receiver.received.length, { timeout: 20_000 }).toBe(1);
  const outbox = join(dataDir, 'outbox');
  await expect.poll(() => readdir(outbox).catch(() => []), { timeout: 20_000 }).toHaveLength(1);
  await background.close();
  await webhooks.close();
  expect(receiver.received[0]?.body).toContain('"type":"key.spend_threshold_reached"');
  const [mail = ''] = await readdir(outbox);
  expect(await readFile(join(outbox, mail), 'utf8')).toContain('To: ada@example.com');
  expect(await metrics.registry.metrics()).toContain(
    'sealgate_alert_tries_total{outcome="delivered"} 1',
  );
});
