import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { obedientModel } from './fakes/obedient-model.ts';
import { startFakeUpstream, type FakeUpstream } from './fakes/upstream.ts';
import { startGateway, yamlFor, type Gateway } from './harness.ts';
import { runProgram } from './process.ts';

const COMMAND = fileURLToPath(new URL('./cli.js', import.meta.resolve('compatcanary')));

let upstream: FakeUpstream;
let gateway: Gateway;
beforeAll(async () => {
  upstream = await startFakeUpstream();
  upstream.always(obedientModel);
  gateway = await startGateway({ yaml: yamlFor(upstream) });
});
afterAll(() => upstream.close());

test.each(['fake/model-a', 'nexevo/auto'])('%s gets full marks for chat', async (model) => {
  const { ended, stdout, log } = runProgram(
    process.execPath,
    [COMMAND, 'scan', '--profile', 'chat', '--format', 'json', '--fail-on', 'any'],
    {
      OPENAI_BASE_URL: `${gateway.url()}/v1`,
      OPENAI_API_KEY: gateway.key,
      OPENAI_MODEL: model,
    },
  );
  expect(await ended, log()).toBe(0);
  expect(JSON.parse(stdout())).toMatchObject({ score: 100, summary: { passes: 5, warnings: 0 } });
});
