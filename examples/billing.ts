import { Sealgate } from '@sealgate/sdk';

const { SEALGATE_URL = 'http://127.0.0.1:8787', SEALGATE_API_KEY } = process.env;
const client = new Sealgate({ baseURL: `${SEALGATE_URL}/v1`, apiKey: SEALGATE_API_KEY });

const balance = await client.billing.balance();
const usage = await client.billing.usage({ days: 7 });

console.log(`${balance.available_usd} USD are left.`);
console.log(`${usage.requests} requests cost ${usage.total_usd} USD in the last 7 days.`);
for (const [tier, { requests, cost_usd }] of Object.entries(usage.by_tier)) {
  console.log(`${tier}: ${requests} requests, ${cost_usd} USD`);
}
