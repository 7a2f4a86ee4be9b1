import { afterAll, beforeAll, expect, test } from 'vitest';
import { startFakeUpstream, type FakeUpstream } from './fakes/upstream.ts';
import { startGateway, yamlFor, type Gateway } from './harness.ts';

let upstream: FakeUpstream;
let gateway: Gateway;
beforeAll(async () => {
  upstream = await startFakeUpstream();
  gateway = await startGateway({ yaml: yamlFor(upstream) });
});
afterAll(() => upstream.close());

const ask = (): Promise<Response> =>
  fetch(`${gateway.url()}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${gateway.key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'fake/model-a', messages: [{ role: 'user', content: 'Hi' }] }),
  });

test('a key outlives a stop and a kill', async () => {
  expect((await ask()).status).toBe(200);
  await gateway.restart();
  expect((await ask()).status).toBe(200);
  await gateway.kill();
  await gateway.restart();
  expect((await ask()).status).toBe(200);
});
