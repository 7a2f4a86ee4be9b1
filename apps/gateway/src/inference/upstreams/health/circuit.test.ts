import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Circuit } from './circuit.ts';

const SETTINGS = { failures: 5, failurePercent: 50, coolDownMs: 1_000 };
const LONGEST_COOL_DOWN_MS = 60_000;
const PROBE_MS = 30_000;

function scene(settings = SETTINGS) {
  const circuit = new Circuit(settings);
  const time = { nowMs: 1_000_000 };
  const begin = (): number => circuit.begin(time.nowMs);
  const succeed = (ticket = begin()): boolean => circuit.succeeded(ticket, time.nowMs);
  const fail = (ticket = begin()): boolean => circuit.failed(ticket, time.nowMs);
  const failTimes = (times: number): void => {
    for (let count = 0; count < times; count += 1) fail();
  };
  const isBlocked = (): boolean => circuit.blockedUntilMs(time.nowMs) !== undefined;
  return { circuit, time, begin, succeed, fail, failTimes, isBlocked };
}

describe('a closed circuit', () => {
  test('opens with the fifth failure in a row, and tells so once', () => {
    const { fail, isBlocked } = scene();
    expect([fail(), fail(), fail(), fail(), isBlocked()]).not.toContain(true);
    expect(fail()).toBe(true);
    expect(isBlocked()).toBe(true);
  });

  test('does not open while a success comes between', () => {
    const { failTimes, succeed, isBlocked } = scene();
    failTimes(4);
    succeed();
    failTimes(4);
    expect(isBlocked()).toBe(false);
  });

  test('opens when half of at least twenty requests fail, though never five in a row', () => {
    const { fail, succeed, isBlocked } = scene();
    for (let round = 0; round < 9; round += 1) {
      succeed();
      fail();
    }
    succeed();
    expect(isBlocked()).toBe(false);
    fail();
    expect(isBlocked()).toBe(true);
  });

  test('opens although callers leave in between: that they do is no success', () => {
    const { circuit, begin, fail, failTimes } = scene();
    failTimes(4);
    circuit.released(begin());
    expect(fail()).toBe(true);
  });

  test('forgets failures of long ago', () => {
    const { time, fail, succeed, isBlocked } = scene();
    for (let round = 0; round < 9; round += 1) {
      succeed();
      fail();
    }
    time.nowMs += 30_000;
    succeed();
    fail();
    expect(isBlocked()).toBe(false);
  });

  test('a stream that begins and breaks is a failure each time: that it lived does not help it', () => {
    const { circuit, begin, fail, isBlocked } = scene();
    for (let count = 0; count < 5; count += 1) {
      const ticket = begin();
      circuit.alive(ticket);
      fail(ticket);
    }
    expect(isBlocked()).toBe(true);
  });
});

describe('an open circuit', () => {
  test('lets one probe through after the cool-down, and the next when that one was given up', () => {
    const { circuit, time, begin, failTimes, isBlocked } = scene();
    failTimes(5);
    time.nowMs += 999;
    expect(isBlocked()).toBe(true);
    time.nowMs += 1;
    expect(isBlocked()).toBe(false);
    const probe = begin();
    expect(isBlocked()).toBe(true);
    circuit.released(probe);
    expect(isBlocked()).toBe(false);
  });

  test('is closed by a probe’s success, and tells so', () => {
    const { circuit, time, failTimes, succeed, isBlocked } = scene();
    failTimes(5);
    time.nowMs += 1_000;
    expect(succeed()).toBe(true);
    expect(circuit.state).toBe('closed');
    failTimes(4);
    expect(isBlocked()).toBe(false);
  });

  test('waits twice as long after each probe that fails, up to a minute', () => {
    const { circuit, time, fail, failTimes } = scene();
    failTimes(5);
    const waits = Array.from({ length: 8 }, () => {
      const untilMs = circuit.blockedUntilMs(time.nowMs) ?? 0;
      const waitMs = untilMs - time.nowMs;
      time.nowMs = untilMs;
      expect(fail()).toBe(false);
      return waitMs;
    });
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
  });

  test('a probe that lives lets everybody in, until the next failure', () => {
    const { circuit, time, begin, fail, failTimes, isBlocked } = scene();
    failTimes(5);
    time.nowMs += 1_000;
    circuit.alive(begin());
    expect(circuit.state).toBe('trial');
    expect(isBlocked()).toBe(false);
    fail();
    expect(isBlocked()).toBe(true);
  });

  test('a probe that is never answered blocks for half a minute only, and its success still counts', () => {
    const { circuit, time, begin, fail, succeed, failTimes, isBlocked } = scene();
    failTimes(5);
    time.nowMs += 1_000;
    const lost = begin();
    time.nowMs += PROBE_MS;
    expect(isBlocked()).toBe(false);
    const second = begin();
    fail(lost);
    expect(isBlocked()).toBe(true);
    succeed(lost);
    expect(circuit.state).toBe('closed');
    expect(fail(second)).toBe(false);
  });

  test('is not moved by what began before it opened', () => {
    const { circuit, time, begin, fail, succeed, failTimes } = scene();
    const [good, bad, late] = [begin(), begin(), begin()];
    failTimes(5);
    succeed(good);
    expect(circuit.state).toBe('open');
    time.nowMs += 1_000;
    const probe = begin();
    fail(bad);
    succeed(probe);
    for (let count = 0; count < 5; count += 1) fail(late);
    expect(circuit.state).toBe('closed');
  });
});

type Step =
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'begin' }
  | { readonly kind: 'alive' | 'succeeded' | 'failed' | 'released'; readonly which: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 40_000 }) }),
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('begin' as const) }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constantFrom('alive', 'succeeded', 'failed', 'released'),
      which: fc.nat(),
    }),
  },
);

/** Plays a history of requests that come, live, end and are given up in any order. */
function play(steps: readonly Step[], onStep: (state: Played) => void = () => {}): Played {
  const played: Played = { ...scene({ ...SETTINGS, failures: 3 }), running: [], probes: new Map() };
  for (const one of steps) {
    advance(played, one);
    onStep(played);
  }
  return played;
}

interface Played extends ReturnType<typeof scene> {
  readonly running: number[];
  /** When each probe that is still running began. */
  readonly probes: Map<number, number>;
}

function advance({ circuit, time, begin, isBlocked, running, probes }: Played, one: Step): void {
  if (one.kind === 'wait') {
    time.nowMs += one.ms;
    return;
  }
  if (one.kind === 'begin') {
    if (isBlocked()) return;
    const isProbe = circuit.state === 'open';
    const ticket = begin();
    running.push(ticket);
    if (isProbe) probes.set(ticket, time.nowMs);
    return;
  }
  const at = one.which % Math.max(1, running.length);
  const ticket = running[at];
  if (ticket === undefined) return;
  if (one.kind === 'alive') return circuit.alive(ticket);
  running.splice(at, 1);
  probes.delete(ticket);
  if (one.kind === 'released') circuit.released(ticket);
  else if (one.kind === 'succeeded') circuit.succeeded(ticket, time.nowMs);
  else circuit.failed(ticket, time.nowMs);
}

describe('whatever happens,', () => {
  test('no two probes run at the same time, but for one that nobody waits for any more', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        play(steps, ({ circuit, time, probes }) => {
          if (circuit.state !== 'open') return;
          const young = [...probes.values()].filter((atMs) => time.nowMs - atMs < PROBE_MS);
          expect(young.length).toBeLessThanOrEqual(1);
        });
      }),
    );
  });

  test('a model that works again is back after one cool-down and one probe', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const { circuit, time, begin, succeed, isBlocked } = play(steps);
        time.nowMs += Math.max(LONGEST_COOL_DOWN_MS, PROBE_MS);
        expect(isBlocked()).toBe(false);
        succeed(begin());
        expect(circuit.state).toBe('closed');
        expect(isBlocked()).toBe(false);
      }),
    );
  });

  test('a model that fails from now on is left alone after as many failures as are allowed', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const { fail, isBlocked } = play(steps);
        let asked = 0;
        for (; asked < 3 && !isBlocked(); asked += 1) fail();
        expect(isBlocked()).toBe(true);
      }),
    );
  });

  test('callers that leave change nothing for a model that works', () => {
    const leaving = fc.array(
      step.filter(({ kind }) => kind !== 'failed'),
      { maxLength: 80 },
    );
    fc.assert(
      fc.property(leaving, (steps) => {
        expect(play(steps).circuit.state).toBe('closed');
      }),
    );
  });
});
