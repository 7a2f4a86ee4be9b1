import { picoUsdPerToken } from '@sealgate/contract';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  answer,
  completion,
  frame,
  frames,
  hangingStream,
  json,
  reset,
  silence,
  startFakeUpstream,
  stream,
  type FakeUpstream,
  type Script,
} from '../../../../../e2e/fakes/upstream.ts';
import {
  completePrice,
  DEFAULT_PRICE_LIST,
  tariffFor,
  type Tariff,
} from '../../customers/billing/index.ts';
import { Cancellation } from '../../platform/cancellation.ts';
import { systemClock } from '../../platform/clock.ts';
import { Secret } from '../../platform/secret.ts';
import type { Intent } from '../routing/index.ts';
import {
  createProviders,
  createTransport,
  DEFAULT_RESILIENCE,
  UpstreamHealth,
  type Model,
  type ResilienceSettings,
  type Upstream,
} from '../upstreams/index.ts';
import { modelOf } from '../upstreams/testing.ts';
import type { Admission, Candidate } from './admit.ts';
import { boundsOf } from './bounds.ts';
import { readChatRequest } from './chat-request.ts';
import { reach, type Reached } from './reach.ts';
import type { ChatServices } from './services.ts';

let one: FakeUpstream;
let two: FakeUpstream;
const transport = createTransport();
afterAll(() => transport.close());
beforeEach(async () => {
  [one, two] = await Promise.all([startFakeUpstream(), startFakeUpstream()]);
});
afterEach(async () => {
  await Promise.all([one.close(), two.close()]);
});

const PRICE = completePrice({ input: picoUsdPerToken(1n), output: picoUsdPerToken(2n) });

const TARIFF = tariffFor(DEFAULT_PRICE_LIST, {
  price: PRICE,
  tier: 'auto',
  isOwnKey: false,
}) as Tariff;

const modelAt = (fake: FakeUpstream, name: string, changes: Partial<Upstream> = {}): Model => {
  const id = fake === one ? 'one' : 'two';
  const model = modelOf({ id, baseUrl: fake.url, ...changes });
  return { ...model, id: `${id}/${name}`, upstreamModel: name, price: PRICE };
};

const keyOf = (name: string) => ({ name, weight: 1, secret: new Secret(`secret-${name}`) });

/** `tier`: all are candidates of one tier. `named`: the caller wrote each of them down. */
type Asked = { readonly by?: 'tier' | 'named'; readonly isStream?: boolean; readonly store?: true };

function scene(changes: Partial<ResilienceSettings> = {}) {
  const hedges: string[] = [];
  const services = {
    transport,
    providers: createProviders(systemClock),
    health: new UpstreamHealth({
      settings: { ...DEFAULT_RESILIENCE, ...changes },
      clock: systemClock,
      onEvent: () => {},
    }),
    metrics: {
      upstreamAttempt: () => {},
      generation: () => {},
      hedge: (upstreamId, result) => hedges.push(`${upstreamId} ${result}`),
    },
    clock: systemClock,
    random: () => 0,
  } as Partial<ChatServices> as ChatServices;
  const ask = (
    models: readonly Model[],
    { by = 'tier', isStream = false, store }: Asked = {},
    cancellation = new Cancellation(),
  ): Promise<Reached> => {
    const tier: Intent = { kind: 'tier', tier: 'auto', preference: undefined };
    const request = readChatRequest(
      JSON.stringify({ model: 'x', stream: isStream, store, messages: [{ role: 'user' }] }),
    );
    const admission = {
      request,
      candidates: models.map((model): Candidate => {
        const intent: Intent =
          by === 'tier' ? tier : { kind: 'model', id: model.id, preference: undefined };
        return { model, intent, tariff: TARIFF, bounds: boundsOf(request, model, 100) };
      }),
      startedAtMs: systemClock(),
    } as Partial<Admission> as Admission;
    const { bodyText, body } = request;
    return reach(services, admission, {
      cancellation,
      isStream,
      listName: 'choices',
      prepare: (provider, { model }) =>
        provider.chat({ bodyText, body, isStream, model, maxOutputTokens: undefined }),
    });
  };
  return { services, hedges, ask };
}

/** What the caller gets, in short. */
function told(reached: Reached): unknown {
  switch (reached.kind) {
    case 'answer':
      return JSON.parse(reached.answer.text).choices[0].message.content;
    case 'stream':
      return 'a stream';
    case 'refused':
      return reached.refusal.code;
    case 'aborted':
      return 'aborted';
  }
}

const failing = json(500, {});
const authorizations = (fake: FakeUpstream): unknown[] =>
  fake.received.map(({ headers }) => headers.authorization);

describe('a host that stumbles', () => {
  test.each<[string, Script]>([
    ['answers 500', failing],
    ['answers 408', json(408, {})],
    ['closes the connection', reset],
    ['answers garbage', json(200, { object: 'list' })],
  ])('and %s is asked once more', async (_name, script) => {
    one.next(script);
    const reached = await scene().ask([modelAt(one, 'a')]);
    expect(told(reached)).toBe('Hello!');
    expect(reached.modelsTried).toEqual(['one/a']);
    expect(one.received).toHaveLength(2);
  });

  test.each<[string, Script]>([
    ['ends without a word', stream([])],
    ['begins with an error', stream([frame({ error: { message: 'overloaded' } })])],
    ['is a JSON answer', json(200, completion('Hello!'))],
    ['is a page', stream(['<html>'])],
  ])(
    'with a stream that %s is asked once more: nobody has seen anything',
    async (_name, script) => {
      one.next(script);
      const { ask } = scene();
      const reached = await ask([modelAt(one, 'a')], { isStream: true });
      expect(told(reached)).toBe('a stream');
      expect(one.received).toHaveLength(2);
    },
  );

  test('is asked as often as configured, and not at all again where that is never', async () => {
    one.always(failing);
    await scene({ retries: { perModel: 3, budgetPercent: 100 } }).ask([modelAt(one, 'a')]);
    expect(one.received).toHaveLength(4);
    await scene({ retries: { perModel: 0, budgetPercent: 100 } }).ask([modelAt(one, 'a')]);
    expect(one.received).toHaveLength(5);
  });

  test('and says when it is back is not asked again before', async () => {
    one.always(json(503, {}, { 'retry-after': '30' }));
    const { ask } = scene();
    for (let count = 0; count < 2; count += 1) {
      expect(await ask([modelAt(one, 'a')])).toMatchObject({
        refusal: { code: 'no_upstream_available', details: { retryAfterSeconds: 30 } },
      });
    }
    expect(one.received).toHaveLength(1);
  });

  test('and says something else where the time should stand is asked once more', async () => {
    one.next(json(503, {}, { 'retry-after': 'soon' }));
    expect(told(await scene().ask([modelAt(one, 'a')]))).toBe('Hello!');
  });

  test('is replaced by the next candidate', async () => {
    one.always(failing);
    const reached = await scene().ask([modelAt(one, 'a'), modelAt(two, 'b')]);
    expect(told(reached)).toBe('Hello!');
    expect(reached.modelsTried).toEqual(['one/a', 'two/b']);
  });
});

describe('an outage', () => {
  const patient = { failures: 100, failurePercent: 100, coolDownMs: 5_000 };

  test('is not multiplied: a fifth more requests than callers, and a handful', async () => {
    one.always(failing);
    const { ask } = scene({
      // No circuit opens, so that the budget is all there is.
      breaker: { ...patient, failures: 1_000 },
      retries: { perModel: 5, budgetPercent: 20 },
    });
    // A success now and then keeps the share of failures below all of them.
    for (let count = 0; count < 100; count += 1) {
      if (count % 10 === 0) one.next(answer('Hello!'));
      await ask([modelAt(one, 'a')]);
    }
    expect(one.received.length).toBeLessThanOrEqual(100 + 20 + 10 + 1);
    expect(one.received.length).toBeGreaterThan(110);
  });

  test('of a whole host is not tried out on all of its models', async () => {
    one.always(reset);
    const { ask } = scene({ breaker: patient, retries: { perModel: 0, budgetPercent: 0 } });
    const models = Array.from({ length: 40 }, (_, index) => modelAt(one, `m${index}`));
    await ask([...models, modelAt(two, 'b')]);
    // The first is free, ten more are what the budget begins with.
    expect(one.received).toHaveLength(11);
    expect(two.received).toHaveLength(1);
  });

  test('of one model does not use up what its neighbours need', async () => {
    one.always((request, response) =>
      (request.body['model'] === 'a' ? failing : answer('Hello!'))(request, response),
    );
    const { ask } = scene({ breaker: patient, retries: { perModel: 0, budgetPercent: 0 } });
    for (let count = 0; count < 30; count += 1) {
      expect(told(await ask([modelAt(one, 'a'), modelAt(one, 'b')]))).toBe('Hello!');
    }
  });
});

describe('a model that was left alone', () => {
  test('is passed over; when there is no other, the caller is told when to come back', async () => {
    one.always(failing);
    const { ask } = scene({ breaker: { failures: 2, failurePercent: 100, coolDownMs: 20_000 } });
    await ask([modelAt(one, 'a')]);
    expect(one.received).toHaveLength(2);
    const reached = await ask([modelAt(one, 'a')]);
    expect(reached).toMatchObject({
      kind: 'refused',
      modelsTried: [],
      refusal: { code: 'no_upstream_available', details: { retryAfterSeconds: 20 } },
    });
    expect(told(await ask([modelAt(one, 'a'), modelAt(two, 'b')]))).toBe('Hello!');
    expect(one.received).toHaveLength(2);
  });
});

describe('keys', () => {
  const keys = [keyOf('A'), keyOf('B')];

  test.each([401, 402, 403])('that get %i are replaced in the same request', async (status) => {
    one.always((request, response) =>
      (request.headers.authorization === 'Bearer secret-A' ? json(status, {}) : answer('Hello!'))(
        request,
        response,
      ),
    );
    const { ask } = scene();
    for (let count = 0; count < 4; count += 1) {
      expect(told(await ask([modelAt(one, 'a', { keys })]))).toBe('Hello!');
    }
    expect(authorizations(one).filter((key) => key === 'Bearer secret-A')).toHaveLength(1);
  });

  test('that are all rejected: 502 while it is found out, then 503 and no more questions', async () => {
    one.always(json(401, {}));
    const { ask } = scene();
    for (const name of ['a', 'b', 'c', 'd', 'e']) {
      expect(told(await ask([modelAt(one, name, { keys })]))).toBe('upstream_error');
    }
    expect(authorizations(one)).toEqual(['Bearer secret-A', ...Array(5).fill('Bearer secret-B')]);
    expect(await ask([modelAt(one, 'f', { keys })])).toMatchObject({
      refusal: { code: 'no_upstream_available', details: { retryAfterSeconds: 5 } },
    });
    expect(one.received).toHaveLength(6);
  });

  test('are in no sentence of a host that quotes what it was sent', async () => {
    one.always((request, response) => {
      const message = `${'x'.repeat(280)} you sent ${request.headers.authorization}`;
      return json(400, { error: { message } })(request, response);
    });
    const reached = await scene().ask([modelAt(one, 'a', { keys: [keyOf('A')] })]);
    if (reached.kind !== 'refused') throw new Error(reached.kind);
    expect(reached.refusal.message).toContain('you sent');
    expect(reached.refusal.message).not.toContain('secret');
  });

  test('without a substitute are not given up for one odd answer', async () => {
    one.next(json(401, {}));
    const { ask } = scene();
    const model = modelAt(one, 'a', { keys: [keyOf('A')] });
    expect(told(await ask([model]))).toBe('upstream_error');
    expect(told(await ask([model]))).toBe('Hello!');
  });

  test('that are limited give way to others; when all are, 429 says when the first is back', async () => {
    one.always((request, response) => {
      const seconds = request.headers.authorization === 'Bearer secret-A' ? '9' : '4';
      return json(429, {}, { 'retry-after': seconds })(request, response);
    });
    const { ask } = scene();
    const limited = {
      refusal: {
        code: 'rate_limit_exceeded',
        details: { retryAfterSeconds: 4, facts: { limit_source: 'upstream' } },
      },
    };
    expect(await ask([modelAt(one, 'a', { keys })])).toMatchObject(limited);
    expect(one.received).toHaveLength(2);
    expect(await ask([modelAt(one, 'a', { keys })])).toMatchObject(limited);
    expect(one.received).toHaveLength(2);
  });

  test('whose budget an answer used up rest before the upstream has to refuse', async () => {
    const headers = {
      'x-ratelimit-remaining-requests': '0',
      'x-ratelimit-reset-requests': '1m0s',
    };
    one.always(json(200, completion('Hello!'), headers));
    const { ask } = scene();
    for (let count = 0; count < 2; count += 1) await ask([modelAt(one, 'a', { keys })]);
    expect(authorizations(one)).toEqual(['Bearer secret-A', 'Bearer secret-B']);
    expect(told(await ask([modelAt(one, 'a', { keys })]))).toBe('rate_limit_exceeded');
    expect(told(await ask([modelAt(one, 'a', { keys }), modelAt(two, 'b')]))).toBe('Hello!');
    expect(one.received).toHaveLength(2);
  });
});

describe('the time that a request may take', () => {
  const impatient = { connectMs: 2_000, firstByteMs: 10_000, idleMs: 10_000, totalMs: 300 };

  test('is shared by all attempts: when the first has used it up, no other is made', async () => {
    one.always(silence);
    const { ask } = scene();
    const timeouts = { timeouts: impatient };
    const reached = await ask([modelAt(one, 'a', timeouts), modelAt(two, 'b', timeouts)]);
    expect(told(reached)).toBe('upstream_timeout');
    expect(two.received).toHaveLength(0);
  });

  test('cuts the last attempt short, which is then no fault of its model', async () => {
    one.always(silence);
    two.always(silence);
    const { ask, services } = scene();
    const [first, second] = [
      modelAt(one, 'a', { timeouts: { ...impatient, totalMs: 400 } }),
      modelAt(two, 'b', { timeouts: { ...impatient, totalMs: 500 } }),
    ];
    expect(told(await ask([first, second]))).toBe('upstream_timeout');
    expect(two.received).toHaveLength(1);
    expect(services.health.of(first.id).failureRatio).toBe(1);
    expect(services.health.of(second.id).failureRatio).toBe(0);
  });
});

describe('a caller that leaves', () => {
  test('is neither a success nor a failure of the model', async () => {
    const { ask, services } = scene();
    const leaving = new Cancellation();
    const asked = new Promise<void>((resolve) => one.next(() => resolve()));
    const reached = ask([modelAt(one, 'a')], {}, leaving);
    await asked;
    leaving.cancel();
    expect(told(await reached)).toBe('aborted');
    await one.received[0]?.closed;
    expect(services.health.of('one/a')).toMatchObject({ state: 'healthy', failureRatio: 0 });
  });

  test('has left, even if nobody could be asked any more', async () => {
    const { ask, services } = scene({
      breaker: { failures: 1, failurePercent: 100, coolDownMs: 5_000 },
    });
    const leaving = new Cancellation();
    Object.assign(services, { random: () => (leaving.cancel(), 1) });
    one.always(failing);
    expect(told(await ask([modelAt(one, 'a')], {}, leaving))).toBe('aborted');
  });

  test('is not waited for with a second try', async () => {
    const { ask, services } = scene();
    const leaving = new Cancellation();
    Object.assign(services, { random: () => (leaving.cancel(), 1) });
    one.always(failing);
    expect(told(await ask([modelAt(one, 'a')], {}, leaving))).toBe('aborted');
    expect(one.received).toHaveLength(1);
  });
});

describe('a slow model', () => {
  const hedging = { hedging: { isOn: true, atLeastMs: 1, samples: 1 } };

  /** Both have answered once, so that it is known how long that takes. */
  async function warm(asked: Asked = {}, models = [modelAt(one, 'a'), modelAt(two, 'b')]) {
    const { ask, ...others } = scene(hedging);
    for (const model of models) {
      const reached = await ask([model], asked);
      if (reached.kind === 'stream') {
        reached.pass.end('success');
        reached.stream.abort();
      }
    }
    one.received.length = 0;
    two.received.length = 0;
    return {
      ask: (changes: Asked = {}, cancellation?: Cancellation) =>
        ask(models, { ...asked, ...changes }, cancellation),
      ...others,
    };
  }

  test('gets company; the faster one serves, and the other’s connection is closed', async () => {
    const { ask, hedges, services } = await warm();
    one.always(silence);
    const reached = await ask();
    expect(reached).toMatchObject({
      kind: 'answer',
      candidate: { model: { id: 'two/b' } },
      modelsTried: ['one/a', 'two/b'],
    });
    await one.received[0]?.closed;
    expect(hedges).toEqual(['two won']);
    expect(services.health.of('one/a')).toMatchObject({ state: 'healthy', failureRatio: 0 });
  });

  test('serves all the same when it is first after all, and the company is let go', async () => {
    const { ask, hedges } = await warm();
    two.always(silence);
    one.always(async (request, response) => {
      while (two.received.length === 0) await new Promise(setImmediate);
      return answer('Here I am.')(request, response);
    });
    expect(told(await ask())).toBe('Here I am.');
    await two.received[0]?.closed;
    expect(hedges).toEqual(['two lost']);
  });

  test('gets company for a stream until its first bytes are there', async () => {
    const { ask, hedges } = await warm({ isStream: true });
    // Its head is there at once. That is not an answer yet.
    one.always(hangingStream([]));
    two.always(hangingStream(frames(['Hello!']).slice(0, 2)));
    const reached = await ask();
    expect(reached).toMatchObject({ kind: 'stream', candidate: { model: { id: 'two/b' } } });
    await one.received[0]?.closed;
    expect(hedges).toEqual(['two won']);
    if (reached.kind === 'stream') reached.stream.abort();
    await two.received[0]?.closed;
  });

  test('is waited for when its company fails', async () => {
    const { ask, hedges } = await warm();
    two.always(failing);
    one.always(async (request, response) => {
      await two.received[0]?.closed;
      while (two.received.length === 0) await new Promise(setImmediate);
      return answer('Late, but here.')(request, response);
    });
    expect(told(await ask())).toBe('Late, but here.');
    expect([one.received.length, two.received.length]).toEqual([1, 1]);
    expect(hedges).toEqual(['two lost']);
  });

  test('and its company both fail: the walk goes on, with no third at once', async () => {
    const { ask } = await warm();
    two.always(failing);
    one.next(async (request, response) => {
      while (two.received.length === 0) await new Promise(setImmediate);
      return failing(request, response);
    });
    expect(told(await ask())).toBe('Hello!');
    expect([one.received.length, two.received.length]).toEqual([2, 1]);
  });

  test('leaves nothing behind when the caller goes', async () => {
    const { ask } = await warm();
    one.always(silence);
    two.always(silence);
    const leaving = new Cancellation();
    const reached = ask({}, leaving);
    while (two.received.length === 0) await new Promise(setImmediate);
    leaving.cancel();
    expect(told(await reached)).toBe('aborted');
    await Promise.all([one.received[0]?.closed, two.received[0]?.closed]);
  });

  test('gets the same model with another key where there is no other', async () => {
    const keys = [keyOf('A'), keyOf('B')];
    const { ask } = await warm({ by: 'named' }, [modelAt(one, 'a', { keys })]);
    one.next(silence);
    expect(told(await ask())).toBe('Hello!');
    expect(authorizations(one)).toHaveLength(2);
    expect(new Set(authorizations(one)).size).toBe(2);
  });

  test('that was named is replaced by itself elsewhere, never by another model', async () => {
    const same = await warm({ by: 'named' }, [modelAt(one, 'a'), modelAt(two, 'a')]);
    one.next(silence);
    expect(await same.ask()).toMatchObject({ candidate: { model: { id: 'two/a' } } });
    await expectAlone(await warm({ by: 'named' }));
  });

  test.each<[string, Asked, (services: ChatServices) => unknown]>([
    ['would be kept by the host twice', { store: true }, () => {}],
    [
      'has no budget left',
      {},
      ({ health }) => {
        while (health.mayAskAgain(modelAt(two, 'b').upstream));
      },
    ],
  ])('stays alone when the request %s', async (_name, asked, arrange) => {
    const warmed = await warm();
    arrange(warmed.services);
    await expectAlone(warmed, asked);
  });

  /** The first answers only after a time in which the second would long have been asked. */
  async function expectAlone({ ask }: Awaited<ReturnType<typeof warm>>, asked: Asked = {}) {
    one.next(async (request, response) => {
      await delay(100);
      return answer('Alone.')(request, response);
    });
    expect(told(await ask(asked))).toBe('Alone.');
    expect(two.received).toHaveLength(0);
  }
});
