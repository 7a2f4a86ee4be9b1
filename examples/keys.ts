import { Sealgate } from '@sealgate/sdk';

const { SEALGATE_URL = 'http://127.0.0.1:8787', SEALGATE_API_KEY } = process.env;
const client = new Sealgate({ baseURL: `${SEALGATE_URL}/v1`, apiKey: SEALGATE_API_KEY });

const created = await client.keys.create({ name: 'prod-2026' });
console.log(created.full_key); // shown this once
await client.keys.updateSpendCap(created.key.key_id, {
  monthly_spend_cap_usd: '100',
});
const changed = await client.keys.updateAlertWebhook(created.key.key_id, {
  url: 'https://your-app.com/billing-alert',
});

console.log(`At most $${changed.monthly_spend_cap_usd} a month.`);
console.log(`Alerts go to ${changed.alert_webhook_url}.`);
