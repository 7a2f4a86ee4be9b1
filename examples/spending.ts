// What a request has cost and why, what each key has spent, and what the wallet was charged last.
import { Sealgate } from '@sealgate/sdk';

const { SEALGATE_URL = 'http://127.0.0.1:8787', SEALGATE_API_KEY } = process.env;
const client = new Sealgate({ baseURL: `${SEALGATE_URL}/v1`, apiKey: SEALGATE_API_KEY });

const { data: answer, response } = await client.chat.completions
  .create({
    model: 'nexevo/fast',
    messages: [{ role: 'user', content: 'Hello!' }],
    max_tokens: 100, // Without a limit the price of the longest answer is set aside.
  })
  .withResponse();
console.log(`${response.headers.get('X-Spend-Remaining-USD')} USD may still be spent.`);

const { cost_usd, input_tokens, output_tokens, price } = await client.generations.get(
  answer.nexevo?.generation_id ?? '',
);
console.log(`${input_tokens} tokens in and ${output_tokens} out cost ${cost_usd} USD,`);
console.log(`at ${price?.tokens.input} and ${price?.tokens.output} USD per million.`);

for await (const { name, spend_this_month_usd, monthly_spend_cap_usd } of client.keys.list()) {
  console.log(`${name}: ${spend_this_month_usd} of ${monthly_spend_cap_usd ?? 'any'} USD`);
}

const { groups } = await client.billing.usage({ days: 30, group_by: 'model' });
for (const { id, requests, cost_usd: cost } of groups) {
  console.log(`${id ?? 'no model'}: ${requests} requests, ${cost} USD`);
}

const { data: entries } = await client.billing.ledger({ limit: 3 });
for (const { kind, amount_usd, balance_usd } of entries) {
  console.log(`${kind}: ${amount_usd} USD, ${balance_usd} USD were left`);
}
