// A key whose answers are kept: the very same request gets the answer that is there, for a quarter of its price.
import { Sealgate } from '@sealgate/sdk';

const { SEALGATE_URL = 'http://127.0.0.1:8787', SEALGATE_API_KEY } = process.env;
const client = new Sealgate({ baseURL: `${SEALGATE_URL}/v1`, apiKey: SEALGATE_API_KEY });

const { key, full_key } = await client.keys.create({
  name: 'with a cache',
  cache: { mode: 'exact', ttl_seconds: 3_600 },
});
const caching = client.withOptions({ apiKey: full_key });

async function ask(cache?: 'refresh'): Promise<void> {
  const { nexevo } = await caching.chat.completions.create({
    model: 'nexevo/fast',
    messages: [{ role: 'user', content: 'How many legs does a spider have?' }],
    cache,
  });
  console.log(`${nexevo?.cache}: ${nexevo?.cost_usd} USD`);
}

await ask(); // a model answers
await ask(); // its answer is given again
await ask('refresh'); // a model answers anew

await client.keys.clearCache(key.key_id);
await client.keys.revoke(key.key_id);
