import { nanoUsd } from '@sealgate/contract';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { topUps } from '../../../platform/db/index.ts';
import { createTestDatabase, type TestDatabase } from '../../../platform/db/testing.ts';
import { Secret } from '../../../platform/secret.ts';
import { testContext } from '../../../platform/testing-context.ts';
import { plantOrganization } from '../../organizations/testing.ts';
import { openCheckout, openStripe, type PaymentProvider } from '../index.ts';
import { testPayments } from '../testing.ts';

const STRIPE_MOCK = join(import.meta.dirname, '../../../../../../.tools/go/stripe-mock');
/** `npm test` installs it where there is a Go toolchain, and in CI refuses to go on without. */
const hasStripeMock = existsSync(STRIPE_MOCK) || process.env['CI'] === 'true';

/** Refuses what Stripe's own description of its API does not know, and answers what that says. It remembers nothing. */
describe.runIf(hasStripeMock)('stripe-mock takes', () => {
  let process: ChildProcess;
  let provider: PaymentProvider;
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
    process = spawn(STRIPE_MOCK, ['-http-port', '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
    provider = await openStripe({
      secretKey: new Secret('sk_test_123'),
      webhookSecret: new Secret('whsec_of_stripe_mock'),
      apiUrl: `http://127.0.0.1:${await portOf(process)}`,
    });
  });
  afterAll(async () => {
    provider.close();
    process.kill();
    await once(process, 'exit');
    await database.close();
  });

  const order = {
    topUpId: 'top_1',
    organizationId: 'org_1',
    customerId: 'cus_1',
    amountNano: nanoUsd(20_500_000_000n),
  };

  test.each([true, false])(
    'a whole checkout that saves the card: %s',
    async (savesPaymentMethod) => {
      const ctx = testContext(database);
      const { id: organizationId } = await plantOrganization(ctx);
      const actor = {
        kind: 'key',
        keyId: 'key_1',
        organizationId,
        userId: undefined,
        role: 'owner',
      } as const;
      const opened = await openCheckout({ ...ctx, actor }, testPayments(provider), {
        amountNano: order.amountNano,
        idempotencyKey: 'a',
        savesPaymentMethod,
        successUrl: undefined,
        cancelUrl: 'https://app.example/no',
      });
      expect(opened.url).toMatch(/^https:\/\/checkout\.stripe\.com\//);
      const rows = await database.admin.select().from(topUps);
      expect(rows.find(({ id }) => id === opened.topUpId)).toMatchObject({
        status: 'open',
        checkoutId: expect.stringMatching(/^cs_test_/),
        customerId: expect.stringMatching(/^cus_/),
      });
    },
  );

  test('a charge of a saved card', async () => {
    const charged = await provider.chargeSavedMethod({ ...order, paymentMethodId: 'pm_1' });
    expect(charged).toMatchObject({ kind: 'made', paymentId: expect.stringMatching(/^pi_/) });
  });

  test('questions about a checkout, a payment with its refunds and disputes, and events', async () => {
    expect(await provider.readCheckout('cs_test_1')).toMatchObject({ id: 'cs_test_1' });
    expect(await provider.readPayment('pi_1')).toMatchObject({
      id: 'pi_1',
      received: { currency: 'usd' },
      refunds: [{ id: expect.stringMatching(/^re_/), currency: 'usd', isStanding: true }],
      disputes: [{ id: expect.stringMatching(/^dp_/), withdrawn: undefined }],
    });
    const since = new Date(Date.UTC(2026, 0, 2));
    expect(await provider.findPayment({ ...order, since })).toBeUndefined();
    expect(await provider.listEvents(since)).toEqual([]);
  });
});

async function portOf({ stdout }: ChildProcess): Promise<string> {
  if (stdout === null) throw new Error('impossible: nothing to read from');
  for await (const line of createInterface({ input: stdout })) {
    const port = /Listening for HTTP at address: .*:(\d+)$/.exec(line)?.[1];
    if (port === undefined) continue;
    stdout.resume();
    return port;
  }
  throw new Error('stripe-mock ended before it listened');
}
