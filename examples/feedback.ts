import { Sealgate } from '@sealgate/sdk';

const { SEALGATE_URL = 'http://127.0.0.1:8787', SEALGATE_API_KEY } = process.env;
const client = new Sealgate({ baseURL: `${SEALGATE_URL}/v1`, apiKey: SEALGATE_API_KEY });

const answer = await client.chat.completions.create({
  model: 'nexevo/balanced',
  messages: [{ role: 'user', content: 'Hello!' }],
});
const generationId = answer.nexevo?.generation_id ?? '';
await client.feedback.submit({
  generation_id: generationId,
  rating: 1,
  comment: 'Helpful!',
  tags: ['accurate'],
});
const summary = await client.feedback.summary({ days: 7 });

console.log(`${summary.positive} of ${summary.total} answers were good.`);
