import { afterEach, describe, expect, test } from 'vitest';
import { faultsOf, race, REQUEST_NANO, type Course, type Result } from '../../bench/caps/race.ts';
import { openSetting, type Setting } from '../../bench/caps/setting.ts';

// The public race (`npm run bench:caps`), shorter, with the build that users run.

const SEED = 20_261_124;
const WORTH = 123;

let setting: Setting | undefined;
afterEach(() => setting?.stop());

const EQUAL: Omit<Course, 'gateways' | 'database' | 'env' | 'random'> = {
  name: 'equal',
  model: 'exact',
  clients: 500,
  requests: 500,
  worth: [WORTH],
  streams: 0,
  leaving: 0,
  kills: false,
};

async function run(gateways: number, terms: Partial<typeof EQUAL> = {}): Promise<Result> {
  setting ??= await openSetting(gateways, SEED);
  return race({ ...setting, ...EQUAL, ...terms });
}

describe.each([1, 3])('%i gateway(s) and 500 clients at once', (gateways) => {
  test('serve exactly as many equal requests as the cap is worth, and charge just them', async () => {
    setting = undefined;
    const result = await run(gateways);
    expect(faultsOf(result)).toEqual([]);
    expect(result).toMatchObject({
      answered: WORTH,
      // One more makes sure that nothing is left.
      refused: 500 - WORTH + 1,
      failed: 0,
      spentNano: BigInt(WORTH) * REQUEST_NANO,
    });
  }, 120_000);
});

describe('three gateways', () => {
  test('never exceed a cap while clients leave their streams in the middle', async () => {
    setting = undefined;
    const result = await run(3, { requests: 900, streams: 1, leaving: 0.6 });
    expect(faultsOf(result)).toEqual([]);
    expect(result.failed).toBe(0);
    expect(result.left).toBeGreaterThan(0);
  }, 120_000);

  test('lose, leak and overspend nothing while they are killed one after the other', async () => {
    setting = undefined;
    const result = await run(3, {
      model: 'moody',
      clients: 48,
      requests: 2_500,
      worth: [250, 120, 40],
      streams: 0.5,
      leaving: 0.4,
      kills: true,
    });
    expect(faultsOf(result)).toEqual([]);
    expect(result.kills).toBeGreaterThan(0);
    expect(result.answered).toBeGreaterThan(0);
    expect(result.refused).toBeGreaterThan(0);
  }, 180_000);
});
