import { describe, expect, test } from 'vitest';
import { Secret } from '../../../platform/secret.ts';
import type { Model } from '../model.ts';
import { modelOf } from '../testing.ts';
import type { HealthEvent } from './event.ts';
import type { Pass, PassEnding } from './pass.ts';
import { DEFAULT_RESILIENCE, type ResilienceSettings } from './settings.ts';
import { UpstreamHealth } from './upstream-health.ts';

const keyOf = (name: string, weight = 1) => ({
  name,
  weight,
  secret: new Secret(`canary-${name}`),
});

const hosted = (id: string, changes: Parameters<typeof modelOf>[0] = {}): Model => ({
  ...modelOf({ id: id.split('/')[0] ?? '', ...changes }),
  id,
});

const MODEL = hosted('host/a');
const SIBLING = hosted('host/b');

function scene(changes: Partial<ResilienceSettings> = {}) {
  const time = { nowMs: 1_700_000_000_000 };
  const events: HealthEvent[] = [];
  const health = new UpstreamHealth({
    settings: { ...DEFAULT_RESILIENCE, ...changes },
    clock: () => time.nowMs,
    onEvent: (event) => events.push(event),
  });
  const enter = (model = MODEL, isStream = false): Pass => {
    const pass = health.enter(model, isStream);
    if (pass.kind === 'closure') throw new Error(`closed: ${pass.reason}`);
    return pass;
  };
  const ask = (ending: PassEnding, model = MODEL): void => enter(model).end(ending);
  const askTimes = (times: number, ending: PassEnding, model = MODEL): void => {
    for (let count = 0; count < times; count += 1) ask(ending, model);
  };
  return { time, events, health, enter, ask, askTimes };
}

describe('failures', () => {
  test('of a model close that model only', () => {
    const { health, events, askTimes } = scene();
    askTimes(5, 'model-failure');
    expect(health.enter(MODEL, false)).toMatchObject({ kind: 'closure', reason: 'circuit' });
    expect(health.enter(SIBLING, false).kind).toBe('pass');
    expect(events).toEqual([{ kind: 'opened', upstream: 'host', model: 'host/a' }]);
  });

  test('of the connection close the whole upstream, whichever models were asked', () => {
    const { health, events, askTimes } = scene();
    askTimes(3, 'upstream-failure');
    askTimes(2, 'upstream-failure', SIBLING);
    for (const model of [MODEL, SIBLING, hosted('host/c')]) {
      expect(health.enter(model, false)).toMatchObject({ kind: 'closure', reason: 'circuit' });
    }
    expect(health.enter(hosted('other/a'), false).kind).toBe('pass');
    expect(events).toEqual([{ kind: 'opened', upstream: 'host', model: undefined }]);
  });

  test('of a model say that the host can be reached', () => {
    const { health, ask, askTimes } = scene();
    askTimes(4, 'upstream-failure');
    ask('model-failure', SIBLING);
    askTimes(4, 'upstream-failure');
    expect(health.enter(MODEL, false).kind).toBe('pass');
  });

  test.each<PassEnding>(['abandoned', 'outrun', 'no-evidence'])(
    'are neither made nor undone by what ends as "%s"',
    (ending) => {
      const { health, ask, askTimes } = scene();
      askTimes(100, ending);
      expect(health.of(MODEL.id).state).toBe('healthy');
      askTimes(4, 'model-failure');
      ask(ending);
      ask('model-failure');
      expect(health.enter(MODEL, false).kind).toBe('closure');
    },
  );
});

describe('a probe', () => {
  test.each<PassEnding>(['abandoned', 'outrun', 'no-evidence'])(
    'that ends as "%s" leaves its place to the next',
    (ending) => {
      const { time, health, enter, askTimes } = scene();
      askTimes(5, 'model-failure');
      time.nowMs += 5_000;
      const probe = enter();
      expect(health.enter(MODEL, false).kind).toBe('closure');
      probe.end(ending);
      enter().end('success');
      expect(health.of(MODEL.id).state).toBe('healthy');
    },
  );

  test('of one model that reaches the upstream opens it for all the others', () => {
    const { time, enter, health, askTimes } = scene();
    askTimes(5, 'upstream-failure');
    time.nowMs += 5_000;
    enter(SIBLING).end('no-evidence');
    expect(health.enter(MODEL, false).kind).toBe('pass');
  });

  test('whose stream has begun lets the others in; the operator is told when one ended well', () => {
    const { time, events, enter, askTimes } = scene();
    askTimes(5, 'model-failure');
    time.nowMs += 5_000;
    const probe = enter(MODEL, true);
    probe.begun();
    enter().end('abandoned');
    expect(events.map(({ kind }) => kind)).toEqual(['opened']);
    probe.end('success');
    expect(events.map(({ kind }) => kind)).toEqual(['opened', 'recovered']);
  });
});

describe('a pass', () => {
  test('counts once, whatever is said after its end', () => {
    const { health, enter } = scene();
    const pass = enter();
    pass.end('success');
    for (let count = 0; count < 9; count += 1) pass.end('model-failure');
    expect(health.of(MODEL.id).failureRatio).toBe(0);
  });
});

describe('keys', () => {
  const [a, b] = [keyOf('A', 3), keyOf('B')];
  const model = hosted('host/a', { keys: [a, b] });
  const sibling = hosted('host/b', { keys: [a, b] });

  test('are used by their weights', () => {
    const { enter } = scene();
    const names = Array.from({ length: 8 }, () => enter(model).key?.name);
    expect(names.join('')).toBe('AABAAABA');
  });

  test('that are rejected are left alone for all models, and the operator is told which, not what', () => {
    const { time, events, health, enter } = scene();
    const pass = enter(model);
    pass.keyRejected('upstream', { status: 401, forMs: 60_000 });
    pass.end('no-evidence');
    for (const one of [model, sibling, model]) expect(enter(one).key).toBe(b);
    expect(events).toEqual([
      { kind: 'key-rejected', upstream: 'host', model: undefined, key: 'A', status: 401 },
    ]);
    expect(JSON.stringify(events)).not.toContain('canary');
    expect(health.of(model.id).state).toBe('healthy');
    time.nowMs += 60_000;
    expect([1, 2, 3, 4].map(() => enter(model).key?.name)).toContain('A');
  });

  test('that may not use one model still serve the others', () => {
    const { enter } = scene();
    enter(model).keyRejected('model', { status: 403, forMs: 60_000 });
    expect([1, 2, 3].map(() => enter(model).key?.name)).toEqual(['B', 'B', 'B']);
    expect([1, 2, 3].map(() => enter(sibling).key?.name)).toContain('A');
  });

  test('that are all limited close the model until the first is back', () => {
    const { time, health, enter } = scene();
    for (const forMs of [9_000, 4_000]) {
      const pass = enter(model);
      pass.restsFor(forMs, 'rate-limited');
      pass.end('no-evidence');
    }
    expect(health.enter(model, false)).toEqual({
      kind: 'closure',
      reason: 'rate-limited',
      untilMs: time.nowMs + 4_000,
    });
    expect(health.enter(sibling, false).kind).toBe('pass');
    expect(health.of(model.id).state).toBe('unavailable');
    time.nowMs += 4_000;
    expect(enter(model).key?.name).toBe('B');
  });

  test('a shorter limit does not end a longer one', () => {
    const { time, health, enter } = scene();
    const pass = enter();
    pass.restsFor(9_000, 'busy');
    pass.restsFor(1_000, 'rate-limited');
    expect(health.closureOf(MODEL)).toMatchObject({ reason: 'busy', untilMs: time.nowMs + 9_000 });
  });

  test('outlive the catalogue that brought them', () => {
    const { enter } = scene();
    enter(model).keyRejected('upstream', { status: 401, forMs: 60_000 });
    const readAnew = hosted('host/a', { keys: [keyOf('A', 3), keyOf('B')] });
    expect([1, 2, 3].map(() => enter(readAnew).key?.name)).toEqual(['B', 'B', 'B']);
  });
});

describe('hedging', () => {
  const on = { hedging: { isOn: true, atLeastMs: 50, samples: 20 } };
  const answer = (
    { time, enter }: ReturnType<typeof scene>,
    durations: readonly number[],
    isStream = false,
  ): void => {
    for (const durationMs of durations) {
      const pass = enter(MODEL, isStream);
      time.nowMs += durationMs;
      if (isStream) pass.begun();
      pass.end('success');
    }
  };
  const often = (durationMs: number, times = 40): number[] => Array(times).fill(durationMs);

  test('begins at the p95, as soon as enough answers were seen', () => {
    const one = scene(on);
    answer(one, often(100, 19));
    expect(one.health.hedgeDelayMs(MODEL, false)).toBeUndefined();
    answer(one, [100, 1_000]);
    expect(one.health.hedgeDelayMs(MODEL, false)).toBeGreaterThanOrEqual(100);
    expect(one.health.hedgeDelayMs(MODEL, false)).toBeLessThan(110);
  });

  test('does not begin before its shortest wait', () => {
    const one = scene(on);
    answer(one, often(5));
    expect(one.health.hedgeDelayMs(MODEL, false)).toBe(50);
  });

  test('judges streams by streams: their first byte comes sooner', () => {
    const one = scene(on);
    answer(one, often(4_000));
    expect(one.health.hedgeDelayMs(MODEL, true)).toBeUndefined();
    answer(one, often(200), true);
    expect(one.health.hedgeDelayMs(MODEL, true)).toBeLessThan(220);
    expect(one.health.hedgeDelayMs(MODEL, false)).toBeGreaterThanOrEqual(4_000);
  });

  test('is not driven ever lower by its own success: whoever was outrun counts with its time', () => {
    const one = scene(on);
    answer(one, often(100));
    for (let count = 0; count < 20; count += 1) {
      const pass = one.enter();
      one.time.nowMs += 900;
      pass.end('outrun');
    }
    expect(one.health.hedgeDelayMs(MODEL, false)).toBeGreaterThanOrEqual(900);
  });

  test('stays away where the operator says so, for one upstream or for all', () => {
    const off = scene({ hedging: { ...on.hedging, isOn: false } });
    answer(off, often(100));
    expect(off.health.hedgeDelayMs(MODEL, false)).toBeUndefined();
    expect(off.health.hedgeDelayMs(hosted('host/a', { isHedged: true }), false)).toBeDefined();
    const mostly = scene(on);
    answer(mostly, often(100));
    expect(mostly.health.hedgeDelayMs(hosted('host/a', { isHedged: false }), false)).toBe(
      undefined,
    );
  });

  test('gives no pass to a model that is only on trial, and none twice with the same key', () => {
    const { time, health, enter, askTimes } = scene(on);
    const other = hosted('other/a');
    expect(health.enterBeside({ model: MODEL, key: undefined }, other, false)).toBeDefined();
    expect(health.enterBeside({ model: MODEL, key: undefined }, MODEL, false)).toBeUndefined();
    askTimes(5, 'model-failure', other);
    time.nowMs += 60_000;
    expect(health.enterBeside({ model: MODEL, key: undefined }, other, false)).toBeUndefined();
    const keys = [keyOf('A'), keyOf('B')];
    const pooled = hosted('pooled/a', { keys });
    const { key } = enter(pooled);
    const beside = health.enterBeside({ model: pooled, key }, pooled, false);
    expect(beside?.key?.name).toBe(key?.name === 'A' ? 'B' : 'A');
  });
});

describe('the health of a model', () => {
  test('that was never asked is good', () => {
    expect(scene().health.of('host/unheard-of')).toEqual({
      state: 'healthy',
      failureRatio: 0,
      closure: undefined,
      streamFirstByte: undefined,
      wholeAnswer: undefined,
    });
  });

  test('tells how often it fails and how long it takes', () => {
    const { time, health, enter, askTimes } = scene();
    for (let count = 0; count < 8; count += 1) {
      const pass = enter();
      time.nowMs += 100;
      pass.end('success');
    }
    askTimes(2, 'model-failure');
    const reading = health.of(MODEL.id);
    expect(reading).toMatchObject({ state: 'degraded', failureRatio: 0.2, closure: undefined });
    expect(reading.wholeAnswer?.p50Ms).toBeGreaterThanOrEqual(100);
    expect(reading.wholeAnswer?.p95Ms).toBeLessThan(110);
    expect(reading.streamFirstByte).toBeUndefined();
  });

  test('is part of that of its upstream', () => {
    const { health, askTimes } = scene();
    askTimes(1, 'success', SIBLING);
    askTimes(5, 'upstream-failure');
    expect([...health.upstreams()]).toEqual([
      ['host', expect.objectContaining({ state: 'unavailable' })],
    ]);
    expect([...health.models()].map(([id, , { state }]) => [id, state])).toEqual([
      ['host/b', 'unavailable'],
      ['host/a', 'unavailable'],
    ]);
  });
});

describe('organizations’ own keys', () => {
  const owned = (owner: string, name = 'a', revision = 1): Model =>
    hosted(`host/${name}`, { owner: { id: owner, revision }, keys: [keyOf(owner)] });

  test('have a health of their own, which is no part of the operator’s', () => {
    const { health, events, askTimes } = scene();
    askTimes(5, 'upstream-failure', owned('one'));
    expect(health.enter(owned('one'), false).kind).toBe('closure');
    expect(health.enter(owned('two'), false).kind).toBe('pass');
    expect(health.enter(MODEL, false).kind).toBe('pass');
    expect(health.ofWay(owned('one')).state).toBe('unavailable');
    expect(health.ofWay(owned('two')).state).toBe('healthy');
    expect(health.of(MODEL.id).state).toBe('healthy');
    expect([...health.models()].map(([id]) => id)).toEqual(['host/a']);
    expect(events).toEqual([]);
  });

  test('are not closed by what happens to the operator’s', () => {
    const { health, askTimes } = scene();
    askTimes(5, 'upstream-failure');
    expect(health.enter(MODEL, false).kind).toBe('closure');
    expect(health.enter(owned('one'), false).kind).toBe('pass');
  });

  test('that are refused rest after a few times, and it is known why', () => {
    const { time, health, enter } = scene();
    for (let count = 0; count < 5; count += 1) {
      const pass = enter(owned('one'));
      expect(pass.keyRejected('upstream', { status: 401, forMs: 60_000 })).toBe(false);
      pass.end('upstream-failure');
    }
    expect(health.closureOf(owned('one', 'another'))).toBeUndefined();
    expect(health.enter(owned('one', 'another'), false)).toEqual({
      kind: 'closure',
      reason: 'key-rejected',
      untilMs: time.nowMs + 5_000,
      ownKeyRejection: 401,
    });
    time.nowMs += 5_000;
    const probe = enter(owned('one'));
    probe.begun();
    expect(health.closureOf(owned('one'))).toBeUndefined();
    probe.end('success');
    expect(health.ofWay(owned('one')).state).toBe('healthy');
  });

  test('are remembered within bounds, and nobody makes room at another’s expense by naming many models', () => {
    const { health, askTimes, enter } = scene();
    askTimes(5, 'model-failure', owned('one'));
    for (let count = 0; count < 5_000; count += 1) {
      enter(owned('busy', `m${count}`)).end('success');
    }
    expect(health.closureOf(owned('one'))).toBeDefined();
    askTimes(5, 'model-failure', owned('busy'));
    for (let count = 0; count < 16; count += 1) {
      enter(owned('busy', `m${count}`)).end('success');
    }
    expect(health.closureOf(owned('busy'))).toBeUndefined();
    for (let count = 0; count < 998; count += 1) enter(owned(`owner ${count}`)).end('success');
    expect(health.closureOf(owned('one'))).toBeDefined();
    for (let count = 0; count < 1_000; count += 1) enter(owned(`owner ${count}`)).end('success');
    expect(health.closureOf(owned('one'))).toBeUndefined();
  });
});
