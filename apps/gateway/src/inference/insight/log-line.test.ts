import { nanoUsd } from '@sealgate/contract';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { printLogLine, readLogLine } from './log-line.ts';
import { LogFault, replayLog } from './replay-log.ts';
import { always, CURRENT } from './policy.ts';
import { replayed, simulate, testLogged, testOption } from './testing.ts';

const printed = (changes: object = {}): string =>
  JSON.stringify({ ...(JSON.parse(printLogLine(testLogged())) as object), ...changes });

describe('a line', () => {
  test('says the same when it is read again', () => {
    const decision = testLogged({
      preference: 'cheap',
      rules: { perUsdPer1000: 0.3, perSecond: 0.04, explores: true },
      rating: -1,
      signal: 'regenerated',
      costNano: nanoUsd(38_001n),
      features: 'AAAA',
    });
    expect(readLogLine(printLogLine(decision))).toEqual({ kind: 'decision', decision });
    expect(readLogLine(printLogLine(testLogged()))).toEqual({
      kind: 'decision',
      decision: testLogged(),
    });
  });

  test('may know more than this version', () => {
    expect(readLogLine(printed({ mood: 'good' })).kind).toBe('decision');
  });

  test.each([
    ['{"tier":', 'is not JSON'],
    ['[]', 'expected object'],
    [printed({ tier: 'slow' }), 'tier: '],
    [printed({ chosen: 'z' }), 'chosen: must be the model of an option'],
    [printed({ rating: 5 }), 'rating: '],
    [printed({ cost_usd: '-1' }), 'cost_usd: must be an amount of US dollars in decimal text'],
    [
      printLogLine(
        testLogged({ options: [testOption('a'), testOption('b', { probability: 0.6 })] }),
      ),
      'options: must have probabilities that add up to 1',
    ],
    [
      printLogLine(
        testLogged({
          options: [testOption('a', { probability: 0 }), testOption('b', { probability: 1 })],
        }),
      ),
      'options: must give the chosen model a probability above 0',
    ],
  ])('that is wrong says what is: %#', (line, fault) => {
    expect(readLogLine(line)).toEqual({ kind: 'fault', fault: expect.stringContaining(fault) });
  });

  test('never makes the reader fail, whatever it holds', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (line) => {
        expect(readLogLine(line).kind).toBe('fault');
      }),
    );
  });
});

async function* linesOf(lines: readonly string[]): AsyncGenerator<string> {
  yield* lines;
}

describe('a log', () => {
  test('gives every policy what it would get one by one', async () => {
    const log = simulate(1, 400);
    const lines = [...log.map(printLogLine), '', printed({ reason: 'conversation' })];
    expect(await replayLog(linesOf(lines), [CURRENT, always('a')])).toEqual({
      decisions: 401,
      drawn: 400,
      policies: [replayed(log, 'current'), replayed(log, 'always:a')],
    });
  });

  test('can be looked at for one tier', async () => {
    const lines = [printed(), printed({ tier: 'fast' })];
    expect((await replayLog(linesOf(lines), [CURRENT], 'fast')).decisions).toBe(1);
  });

  test('names the line that is wrong', async () => {
    const replaying = replayLog(linesOf([printed(), '', 'x']), [CURRENT]);
    await expect(replaying).rejects.toThrow(LogFault);
    await expect(replaying).rejects.toMatchObject({ line: 3, message: 'is not JSON' });
  });
});
