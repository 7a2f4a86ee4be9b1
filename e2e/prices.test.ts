import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answer, startFakeUpstream, type FakeUpstream } from './fakes/upstream.ts';
import { startGateway, temporaryDirectory, yamlFor, type Gateway } from './harness.ts';
import { runSealgate } from './process.ts';

let upstream: FakeUpstream;
let gateway: Gateway;
let path: string;

const catalogue = (input: string): string =>
  JSON.stringify({
    providers: [
      {
        name: 'Shop',
        base_url: 'https://shop.invalid/v1',
        source: 'https://shop.invalid/prices',
        as_of: '2026-11-24',
        models: [{ name: 'm', prices: [{ input, output: '9.00' }] }],
      },
    ],
  });

beforeAll(async () => {
  upstream = await startFakeUpstream();
  upstream.always(answer('Hello!'));
  path = join(await temporaryDirectory(), 'prices.json');
  await writeFile(path, catalogue('1.00'));
  gateway = await startGateway({
    yaml: `${yamlFor(upstream)}
  - { id: shop, base_url: "https://shop.invalid/v1" }
tiers: { fast: [fake/model-a] }
plans:
  - { id: half, name: Half, monthly_fee_usd: 0, discount_percent: { fast: 50 } }
`,
    env: { SEALGATE_PRICE_CATALOGUE: path, SEALGATE_LOG_LEVEL: 'info' },
  });
});
afterAll(() => upstream.close());

const call = async (method: string, where: string, body?: object) => {
  const response = await fetch(`${gateway.url()}/v1/${where}`, {
    method,
    headers: { authorization: `Bearer ${gateway.key}`, 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  });
  return response.json();
};
const listedInput = async (): Promise<string> =>
  (await call('GET', 'models/shop/m')).nexevo.pricing.prompt;
const hangUp = (): void => void gateway.running().child.kill('SIGHUP');

describe('a running gateway that is told by SIGHUP', () => {
  test('reads its price catalogue again, and says what has changed', async () => {
    expect(await listedInput()).toBe('1.00');
    await writeFile(path, catalogue('2.00'));
    hangUp();
    await expect.poll(listedInput, { timeout: 20_000 }).toBe('2.00');
    await expect
      .poll(() => gateway.log(), { timeout: 20_000 })
      .toContain('m (shop.invalid): 1.00/9.00 -> 2.00/9.00');
  });

  test('keeps what it has when the file is broken, says so, and goes on', async () => {
    await writeFile(path, catalogue('a lot'));
    hangUp();
    await expect
      .poll(() => gateway.log(), { timeout: 20_000 })
      .toContain('the price catalogue is broken');
    expect(gateway.log()).toContain(
      'prices.json:1 providers[0].models[0].prices[0].input: must be',
    );
    expect(await listedInput()).toBe('2.00');
  });
});

test('prices that are set and a plan that is booked while it runs decide what the next request costs', async () => {
  const chat = async () =>
    (
      await call('POST', 'chat/completions', {
        model: 'nexevo/fast',
        max_tokens: 10,
        messages: [{ role: 'user', content: 'Hi' }],
      })
    ).nexevo;
  const costs = async (): Promise<string> => (await chat()).cost_usd;
  const before = await costs();
  const options = ['--fast', '6.00/24.00', '--reason', 'ten times as much'];
  const set = runSealgate(['prices', 'set', ...options], gateway.env);
  expect(await set.ended, set.log()).toBe(0);
  const tenfold = (text: string): number => Math.round(Number(text) * 1e9);
  await expect
    .poll(async () => tenfold(await costs()), { timeout: 20_000 })
    .toBe(tenfold(before) * 10);
  const { generation_id: id } = await chat();
  const { price_version: version, price } = await call('GET', `generations/${id}`);
  expect(price).toMatchObject({ tokens: { input: '6.00', output: '24.00' }, plan_share: '1' });
  const shown = runSealgate(['prices', 'show', version, '--json'], gateway.env);
  expect(await shown.ended, shown.log()).toBe(0);
  expect(JSON.parse(shown.stdout())).toMatchObject({ version, price: { input: '6.00' } });

  expect(await call('PUT', 'billing/plan', { plan: 'half' })).toMatchObject({
    plan: { plan_id: 'half' },
  });
  await expect
    .poll(async () => tenfold(await costs()), { timeout: 20_000 })
    .toBe(tenfold(before) * 5);
});
