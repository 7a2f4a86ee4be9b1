import { APIError, Sealgate } from '@sealgate/sdk';

const { SEALGATE_URL = 'http://127.0.0.1:8787', SEALGATE_API_KEY } = process.env;
const client = new Sealgate({ baseURL: `${SEALGATE_URL}/v1`, apiKey: SEALGATE_API_KEY });

const balance = await client.billing.balance();
const usage = await client.billing.usage({ days: 7 });

console.log(`${balance.available_usd} USD are left.`);
console.log(`${usage.requests} requests cost ${usage.total_usd} USD in the last 7 days.`);
for (const [tier, { requests, cost_usd }] of Object.entries(usage.by_tier)) {
  console.log(`${tier}: ${requests} requests, ${cost_usd} USD`);
}

const { plan, prices } = await client.billing.getPlan();
console.log(`On ${plan.name}, a million tokens out of nexevo/fast cost ${prices.fast.output} USD.`);
const { hint } = await client.billing.upgradeHint();
if (hint) console.log(`${hint.recommend_plan} would save ${hint.savings_pct} %: ${hint.reason}`);

try {
  const session = await client.billing.checkout({
    amount_usd: 20,
    // The same key never charges twice, however often this program is run again.
    idempotency_key: 'topup-2026-04-27-001',
  });
  console.log(`Pay at ${session.checkout_url}`);
} catch (error) {
  // Not every server takes payments: its operator credits wallets then.
  if (!(error instanceof APIError) || error.code !== 'payments_not_configured') throw error;
  console.log(error.message);
}
