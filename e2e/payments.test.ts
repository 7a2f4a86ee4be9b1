import { join } from 'node:path';
import { Sealgate } from '@sealgate/sdk';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { signStripe, startFakeStripe, STRIPE_SECRETS, type FakeStripe } from './fakes/stripe.ts';
import { startGateway, type Gateway } from './harness.ts';
import { CHECKOUT, runProgram } from './process.ts';

let stripe: FakeStripe;
let gateway: Gateway;
beforeAll(async () => {
  stripe = await startFakeStripe();
  gateway = await startGateway({
    env: {
      STRIPE_SECRET_KEY: STRIPE_SECRETS.secretKey,
      STRIPE_WEBHOOK_SECRET: STRIPE_SECRETS.webhookSecret,
      SEALGATE_STRIPE_API_URL: stripe.url,
      SEALGATE_START_CREDIT_USD: '10.00',
    },
  });
});
afterAll(() => stripe.close());

const client = () => new Sealgate({ baseURL: `${gateway.url()}/v1`, apiKey: gateway.key });

async function deliver(): Promise<void> {
  for (const event of stripe.events) {
    const body = JSON.stringify(event);
    const answer = await fetch(`${gateway.url()}/v1/billing/stripe/webhook`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json; charset=utf-8',
        'stripe-signature': signStripe(body, Date.now()),
      },
      body,
    });
    expect([answer.status, await answer.json()]).toEqual([200, { received: true }]);
  }
}

async function runExample(): Promise<string> {
  const { ended, log } = runProgram(
    process.execPath,
    ['--import', 'tsx', '--conditions=sealgate-source', join(CHECKOUT, 'examples/billing.ts')],
    { SEALGATE_URL: gateway.url(), SEALGATE_API_KEY: gateway.key },
  );
  expect(await ended, log()).toBe(0);
  return /^Pay at (https:\S+)$/m.exec(log())?.[1] ?? '';
}

test('a top-up is credited once, though the gateway is killed in between and every event comes again', async () => {
  const before = await client().billing.balance();
  expect(before.balance_usd).toBe('10.00');
  const page = await runExample();
  expect(page).toMatch(/^https:/);
  expect(await runExample()).toBe(page);
  const [sessionId = ''] = stripe.sessions.keys();
  const paymentId = stripe.pay(sessionId);
  stripe.refund(paymentId, 250);
  await deliver();
  await gateway.kill();
  await gateway.restart();
  await deliver();
  const credited = async () => {
    const { balance_usd } = await client().billing.balance();
    expect(balance_usd).toBe('27.50');
  };
  await vi.waitFor(credited, { timeout: 30_000, interval: 100 });
  await deliver();
  const { data } = await client().billing.ledger();
  expect(data.map(({ kind, amount_usd }) => `${kind} ${amount_usd}`)).toEqual([
    'top_up_refund -2.50',
    'top_up 20.00',
    'start_credit 10.00',
  ]);
  const metrics = await (await fetch(`${gateway.url()}/metrics`)).text();
  expect(metrics).toMatch(/^sealgate_payment_events_total\{outcome="repeated"\} [1-9]/m);
});
