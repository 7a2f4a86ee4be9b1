import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readConfig } from '../../config.ts';
import { DEFAULT_PRICE_LIST, tariffFor } from '../../customers/billing/index.ts';
import { SHIPPED_CATALOGUE_PATH } from '../../inference/upstreams/index.ts';
import { startGateway, type Gateway } from '../../main.ts';
import { testGeneration } from '../../customers/billing/testing.ts';
import { BARE, runCommand } from '../testing.ts';

let folder: string;
let gateway: Gateway;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealgate-prices-'));
  const yaml = join(folder, 'sealgate.yaml');
  await writeFile(
    yaml,
    'prices:\n  - { effective_from: "2026-01-01T00:00:00Z", passthrough_factor: 1.04 }\n',
  );
  env = {
    SEALGATE_CONFIG: yaml,
    SEALGATE_DATA_DIR: join(folder, 'data'),
    ...BARE,
  };
  gateway = await startGateway({ config: await readConfig(env), onProgress: () => undefined });
});
afterAll(async () => {
  await gateway.close();
  await rm(folder, { recursive: true });
});

const prices = (...args: string[]) => runCommand(['prices', ...args], env);
const json = async (...args: string[]) => {
  const { stdout, stderr } = await prices(...args, '--json');
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout);
};
const FAR = '2099-01-01T00:00:00.000Z';
const because = ['--reason', 'test'];
/** What the running gateway charges. */
const charged = (ms = Date.now()) =>
  gateway.services.chat.priceList({ planId: 'pay-as-you-go', next: undefined }, ms);

describe('prices', () => {
  test('begin with those of the file; a list for later is known to the running gateway, and listed with its reason', async () => {
    expect(charged().passthrough).toEqual({ of: 104n, per: 100n });
    const set = await json('set', '--from', FAR, '--fast', '0.55/2.20', ...because);
    expect(set).toMatchObject({
      id: expect.stringMatching(/^pls_/),
      effective_from: FAR,
      reason: 'test',
      prices: { fast: { input: '0.55', output: '2.20' }, passthrough_factor: '1.04' },
    });
    await expect
      .poll(() => charged(Date.parse(FAR)).tiers.fast.input, { timeout: 5_000 })
      .toBe(550_000n);
    expect(charged(Date.parse(FAR) - 1).tiers.fast.input).toBe(600_000n);
    expect(await json('list')).toMatchObject([
      { id: null, source: 'built in', effective_from: null, state: 'past' },
      { id: null, source: 'sealgate.yaml', state: 'in force' },
      { id: set.id, source: 'database', state: 'scheduled', reason: 'test' },
    ]);
    const { stdout } = await prices('list');
    expect(stdout).toMatch(
      new RegExp(`${FAR} +scheduled +${set.id} +0.55/2.20 +3.00/12.00 +x 1.04`),
    );
    expect(await json('show', set.id)).toMatchObject({ id: set.id, canceled_at: null });
    expect(await json('show', '--at', FAR)).toMatchObject({ id: set.id, until: null });
    expect(await json('show')).toMatchObject({ id: null, source: 'sealgate.yaml', until: FAR });
  });

  test('that are canceled are forgotten by the running gateway, and stay on record', async () => {
    const at = '2098-01-01T00:00:00.000Z';
    const { id } = await json('set', '--from', at, '--cache-hits', '0.5', ...because);
    const share = () => charged(Date.parse(at)).cacheShare;
    await expect.poll(share, { timeout: 5_000 }).toEqual({ of: 5n, per: 10n });
    expect(await prices('cancel', id, '--reason', 'too early')).toMatchObject({
      exitCode: 0,
      stdout: `${id} is canceled.\n`,
    });
    await expect.poll(share, { timeout: 5_000 }).toEqual(DEFAULT_PRICE_LIST.cacheShare);
    expect(await json('list')).toContainEqual(
      expect.objectContaining({ id, state: 'canceled', reason: 'too early' }),
    );
  });

  test('that are set without a moment are charged at once', async () => {
    const options = ['--passthrough', '1.03', '--byok-share', '0.01', '--byok-fee', '0.0001'];
    const { stdout } = await prices('set', ...options, '--balanced', '2.50/10', ...because);
    expect(stdout).toMatch(/^pls_\w+ is in force from \S+Z on\.\n$/);
    await expect
      .poll(() => charged().passthrough, { timeout: 5_000 })
      .toEqual({ of: 103n, per: 100n });
    expect(charged()).toMatchObject({
      byok: { factor: { of: 1n, per: 100n }, feeNano: 100_000n },
      tiers: { balanced: { input: 2_500_000n, output: 10_000_000n } },
    });
  });

  test('that are set for "now" are charged at once, too', async () => {
    expect(
      (await prices('set', '--from', 'now', '--passthrough', '1.02', ...because)).exitCode,
    ).toBe(0);
    await expect
      .poll(() => charged().passthrough, { timeout: 5_000 })
      .toEqual({ of: 102n, per: 100n });
  });

  test('that stand on a charge can be looked up afterwards', async () => {
    const tariff = tariffFor(charged(), { tier: 'fast', price: undefined, isOwnKey: false });
    const organizationId = gateway.firstRun?.organizationId ?? '';
    const generation = testGeneration(organizationId, { priceVersion: tariff?.version });
    await gateway.services.chat.journal.append(generation, tariff);
    await gateway.services.flushUsage();
    expect(await json('show', tariff?.version ?? '')).toEqual({
      version: tariff?.version,
      first_used_at: expect.stringMatching(/Z$/),
      tier: 'fast',
      price: {
        input: '0.60',
        output: '2.40',
        cached_input: '0.60',
        cache_write: '0.60',
        reasoning: '2.40',
        image: '0.00',
      },
      factor: '1',
      fee_usd: '0.00',
      cache_hit_share: '0.25',
      plan_share: '1',
    });
    const { stdout } = await prices('show', tariff?.version ?? '');
    expect(stdout).toMatch(/^WHAT +VALUE\nversion +prc_\w+\n/);
    expect(stdout).toMatch(/\nprice\.output +2\.40\n/);
    const answer = await fetch(`${gateway.url}/v1/generations/${generation.id}`, {
      headers: { authorization: `Bearer ${gateway.firstRun?.keySecret.reveal()}` },
    });
    expect(await answer.json()).toMatchObject({
      price_version: tariff?.version,
      price: { tokens: { input: '0.60' }, factor: '1', fee_usd: '0.00', plan_share: '1' },
    });
  });

  test.each([
    [['set', '--from', '2020-01-01T00:00:00Z', '--fast', '1/2', ...because], 1, 'now or later'],
    [['set', '--from', FAR, '--fast', '1/2', ...because], 1, 'at this very moment'],
    [['set', '--fast', '1/2', '--reason', ' '], 1, 'Say why'],
    [['set', ...because], 1, 'Say what changes'],
    [['set', '--fast', '1/2'], 2, '--reason'],
    [['set', '--fast', '1', ...because], 2, 'two prices'],
    [['set', '--fast', '1/2/3', ...because], 2, 'two prices'],
    [['set', '--fast', '1/x', ...because], 2, 'dollars per million tokens'],
    [['set', '--passthrough', '101', ...because], 2, 'factor from 0 to 100'],
    [['set', '--cache-hits', '2', ...because], 2, 'factor from 0 to 1'],
    [['set', '--byok-fee', '-1', ...because], 2, 'dollars'],
    [['set', '--from', 'tomorrow', '--fast', '1/2', ...because], 2, 'a moment with its offset'],
    [['cancel', 'pls_none', ...because], 1, 'no such list'],
    [['show', 'pls_none'], 1, 'no price list pls_none'],
    [['show', 'prc_none'], 1, 'Nothing was charged by prc_none'],
  ])('%j is refused, and changes nothing', async (args, exitCode, sentence) => {
    const before = await json('list');
    expect(await prices(...args)).toMatchObject({
      exitCode,
      stdout: '',
      stderr: expect.stringContaining(sentence),
    });
    expect(await json('list')).toEqual(before);
  });
});

describe('a price catalogue', () => {
  const write = async (text: string): Promise<string> => {
    const path = join(folder, 'new-prices.json');
    await writeFile(path, text);
    return path;
  };
  const shipped = () => readFile(SHIPPED_CATALOGUE_PATH, 'utf8');

  test('that is sound is said to be so, with what it would change', async () => {
    expect((await prices('check', SHIPPED_CATALOGUE_PATH)).stdout).toMatch(
      /is sound: 6 providers, 25 models\.\nIt says the same as /,
    );
    const text = (await shipped())
      .replace('"input": "0.10"', '"input": "0.12"')
      .replace('"name": "gpt-6.1-terra"', '"name": "gpt-7-terra"');
    const { exitCode, stdout } = await prices('check', await write(text));
    expect([exitCode, stdout.split('\n').slice(1)]).toEqual([
      0,
      [
        '+ gpt-7-terra (api.openai.com): 1.00/5.00',
        '- gpt-6.1-terra (api.openai.com)',
        '~ gpt-6-luna (api.openai.com): 0.10/0.50 -> 0.12/0.50',
        '',
      ],
    ]);
    expect(await json('check', await write(text))).toMatchObject({
      providers: 6,
      models: 25,
      added: [expect.stringContaining('gpt-7-terra')],
    });
  });

  test('that is broken is so with every line, and the exit code says so too', async () => {
    const text = (await shipped())
      .replace('"output": "0.50"', '"output": "half"')
      .replace('"as_of": "2026-11"', '"as_off": "2026-11"');
    const { exitCode, stderr } = await prices('check', await write(text));
    expect(exitCode).toBe(1);
    expect(stderr.trimEnd().split('\n')).toEqual([
      expect.stringMatching(/^new-prices\.json:\d+ providers\[0\]\.as_of: is missing$/),
      expect.stringMatching(
        /^new-prices\.json:\d+ providers\[0\]\.models\[0\]\.prices\[0\]\.output: must be dollars per million/,
      ),
      expect.stringMatching(
        /providers\[0\]\.as_off: is not a field here\. Did you mean "as_of"\?$/,
      ),
    ]);
    expect(await prices('check', join(folder, 'none.json'))).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('cannot be read'),
    });
  });
});
