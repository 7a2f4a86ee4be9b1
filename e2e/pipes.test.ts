import { Sealgate } from '@sealgate/sdk';
import { expect, test } from 'vitest';
import { startGateway } from './harness.ts';
import { runSealgate } from './process.ts';

test('a command whose reader has had enough ends in silence', async () => {
  const gateway = await startGateway({ env: { SEALGATE_LOCAL_MODELS: 'on' } });
  const client = new Sealgate({ baseURL: `${gateway.url()}/v1`, apiKey: gateway.key });
  for (const question of ['What is 1 + 1?', 'What is 2 + 2?']) {
    const messages = [{ role: 'user' as const, content: question }];
    const { nexevo } = await client.chat.completions.create({ model: 'nexevo/auto', messages });
    // With it the generation is in the database.
    await client.feedback.submit({ generation_id: nexevo?.generation_id ?? '', rating: 1 });
  }
  const exported = runSealgate(['routing', 'export'], gateway.env);
  exported.child.stdout?.destroy();
  expect(await exported.ended).toBe(0);
  expect(exported.log()).toBe('');
});
