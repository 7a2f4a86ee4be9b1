// Asks a tier, reads why the router has chosen this model, and tells it with a vote whether that was good.
import { Sealgate } from '@sealgate/sdk';

const { SEALGATE_URL = 'http://127.0.0.1:8787', SEALGATE_API_KEY } = process.env;
const client = new Sealgate({ baseURL: `${SEALGATE_URL}/v1`, apiKey: SEALGATE_API_KEY });

const answer = await client.chat.completions.create({
  model: 'nexevo/auto',
  messages: [{ role: 'user', content: 'What is 12 + 30?' }],
});
if (!answer.nexevo) throw new Error('This server is not Sealgate.');
const { generation_id, model_used, route } = answer.nexevo;

console.log(`${model_used} answered (${route.reason}): ${answer.choices[0]?.message.content}`);
for (const { model, quality, expected_cost_usd, probability } of route.options ?? []) {
  const good = Math.round(quality * 100);
  const drawn = Math.round(probability * 100);
  console.log(`${model}: good with ${good} %, ${expected_cost_usd} USD, chosen with ${drawn} %`);
}

await client.feedback.submit({ generation_id, rating: 1 });
const { tiers } = await client.routing.insight({ days: 7, tier: 'auto' });
for (const { tier, decisions, votes, good } of tiers) {
  console.log(`${tier}: ${decisions} answers, ${good} of ${votes} votes were good.`);
}
