import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FAULTS } from '../fakes/faults.ts';
import {
  answer,
  hangingStream,
  json,
  reset,
  silence,
  startFakeUpstream,
  type FakeUpstream,
  type Script,
} from '../fakes/upstream.ts';
import { startGateway, type Gateway } from '../harness.ts';
import { queryDatabase } from './gateway-database.ts';
import { typeCommand } from './operator.ts';
import { randomFrom } from './random.ts';

const SEED = 20_261_124;
const TOTAL_MS = 2_000;
const FAILURES = 5;
const FAULT_NAMES = Object.keys(FAULTS);

/** What a caller may be told when an upstream is bad, and with which status. */
const REFUSALS: Readonly<Record<string, number>> = {
  rate_limit_exceeded: 429,
  upstream_error: 502,
  no_upstream_available: 503,
  upstream_timeout: 504,
};

type Name = 'bad' | 'worse' | 'steady' | 'victim' | 'pooled' | 'slow' | 'quick';
const NAMES: readonly Name[] = ['bad', 'worse', 'steady', 'victim', 'pooled', 'slow', 'quick'];
const KEYS = { POOL_KEY_GOOD: 'canary-good', POOL_KEY_BAD: 'canary-bad' };

let hosts: Record<Name, FakeUpstream>;
let gateway: Gateway;
beforeAll(async () => {
  const started = NAMES.map(async (name) => [name, await startFakeUpstream()] as const);
  hosts = Object.fromEntries(await Promise.all(started)) as typeof hosts;
  for (const name of NAMES) hosts[name].always(answer(`I am ${name}.`));
  // Long enough that no busy machine mistakes a probe for another failure.
  gateway = await startGateway({ yaml: yamlOf(hosts, 1_500), env: KEYS });
});
afterAll(() => Promise.all(Object.values(hosts).map((host) => host.close())));

function yamlOf(all: Record<Name, FakeUpstream>, coolDownMs: number): string {
  const models = ['a', 'b', ...FAULT_NAMES.map((_, index) => `m${index}`)];
  const upstreamOf = (name: Name): string => `
  - id: ${name}
    base_url: ${all[name].url}
    api_keys: [{ env: POOL_KEY_GOOD, weight: 3 }, { env: POOL_KEY_BAD, weight: 2 }]
    trust: local
    hedge: ${name === 'slow' || name === 'quick' ? 'on' : 'off'}
    timeouts: { connect_ms: 500, first_byte_ms: 400, idle_ms: 400, total_ms: ${TOTAL_MS} }
    models:
${models.map((id) => `      - { id: ${id}, price: { input: 1, output: 2 } }`).join('\n')}`;
  return `
resilience:
  breaker: { failures: ${FAILURES}, cool_down_ms: ${coolDownMs} }
  hedge_samples: 1
  hedge_at_least_ms: 30
upstreams:${NAMES.map(upstreamOf).join('')}
tiers:
  auto: [bad/a, worse/a, steady/a]
  fast: [slow/a, quick/a]
`;
}

interface Told {
  readonly status: number;
  readonly generationId: string;
  readonly retryAfter: string | null;
  readonly text: string;
  /** Of a refusal, or of the error frame that ends a broken stream. */
  readonly code: string | undefined;
}

/** So many rows there must be in the end. */
let askedCount = 0;

async function ask(changes: object, signal?: AbortSignal): Promise<Told> {
  askedCount += 1;
  const got = await fetch(`${gateway.url()}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${gateway.key}` },
    body: JSON.stringify({ messages: [{ role: 'user', content: 'Hi' }], ...changes }),
    ...(signal && { signal }),
  });
  const text = await got.text();
  return {
    status: got.status,
    generationId: got.headers.get('x-nexevo-generation-id') ?? '',
    retryAfter: got.headers.get('retry-after'),
    text,
    code: /"error":\{[^}]*"code":"(\w+)"/.exec(text)?.[1],
  };
}

interface Row {
  readonly id: string;
  readonly outcome: string;
  readonly status: number;
  readonly model_used: string | null;
  readonly output_tokens: number;
  readonly cost_nano: string;
  readonly latency_ms: number;
}

const rowsOf = (ids: readonly string[]): Promise<readonly Row[]> =>
  queryDatabase<Row>(
    gateway,
    `select id, outcome, status, model_used, output_tokens, cost_nano, latency_ms
     from generations where id = any($1)`,
    [ids],
  );

async function countRows(): Promise<number> {
  const [row] = await queryDatabase<{ count: string }>(gateway, 'select count(*) from generations');
  return Number(row?.count);
}

async function healthOf(id: string): Promise<unknown> {
  const got = await fetch(`${gateway.url()}/v1/models/${id}`, {
    headers: { authorization: `Bearer ${gateway.key}` },
  });
  return ((await got.json()) as { nexevo: { health: string } }).nexevo.health;
}

/** The value of one line of the metrics; `undefined`: there is no such line. */
async function metric(line: string): Promise<number | undefined> {
  const text = await (await fetch(`${gateway.url()}/metrics`)).text();
  const found = text.split('\n').find((one) => one.startsWith(`${line} `));
  return found === undefined ? undefined : Number(found.slice(line.length + 1));
}

function at<T>(list: readonly T[], index: number): T {
  const found = list[index];
  if (found === undefined) throw new Error(`nothing is at ${index}`);
  return found;
}

describe('one upstream that fails for good', () => {
  test.each<[string, Script, string, boolean]>([
    ['answers 500', json(500, {}), 'upstream_error', false],
    ['resets the connection', reset, 'upstream_error', true],
    ['never answers', silence, 'upstream_timeout', false],
    ['begins streams and hangs', hangingStream([]), 'upstream_timeout', true],
  ])(
    'and %s is asked five times, then only probed, and serves again when it is well',
    async (_name, script, code, isStream) => {
      const { victim } = hosts;
      victim.received.length = 0;
      victim.always(script);
      const codes: (string | undefined)[] = [];
      for (let last: string | undefined; last !== 'no_upstream_available';) {
        last = (await ask({ model: 'victim/a', stream: isStream })).code;
        codes.push(last);
      }
      expect(new Set(codes.slice(0, -1))).toEqual(new Set([code]));
      expect(victim.received).toHaveLength(FAILURES);

      // Many callers at once: a probe at most, and nobody else waits for the host.
      const refused = await Promise.all(
        Array.from({ length: 20 }, () => ask({ model: 'victim/a' })),
      );
      for (const one of refused) {
        expect(['no_upstream_available', code]).toContain(one.code);
        if (one.status === 503) expect(Number(one.retryAfter)).toBeGreaterThan(0);
      }
      expect(victim.received.length).toBeLessThanOrEqual(FAILURES + 1);
      expect(await healthOf('victim/a')).not.toBe('healthy');

      victim.always(answer('I am well.'));
      await expect
        .poll(async () => (await ask({ model: 'victim/a' })).status, { timeout: 20_000 })
        .toBe(200);
      const served = await Promise.all(
        Array.from({ length: 20 }, () => ask({ model: 'victim/a' })),
      );
      expect(served.map(({ status }) => status)).toEqual(served.map(() => 200));
      expect(
        await metric(
          'sealgate_upstream_unavailable_until_timestamp_seconds{upstream="victim",model="victim/a"}',
        ),
      ).toBe(0);
    },
  );

  test('does no harm to another model of the same host', async () => {
    hosts.victim.always((request, response) =>
      (request.body['model'] === 'a' ? json(500, {}) : answer('I am b.'))(request, response),
    );
    while ((await ask({ model: 'victim/a' })).code !== 'no_upstream_available');
    expect(await ask({ model: 'victim/b' })).toMatchObject({ status: 200 });
    expect(await healthOf('victim/b')).toBe('healthy');
  });
});

describe('a pool of keys', () => {
  test('loses the one that is rejected; no caller notices, and the operator is told which it is', async () => {
    const { pooled } = hosts;
    pooled.always((request, response) =>
      (request.headers.authorization === 'Bearer canary-bad' ? json(401, {}) : answer('Hello!'))(
        request,
        response,
      ),
    );
    const told = await Promise.all(
      Array.from({ length: 12 }, (_, index) => ask({ model: 'pooled/a', stream: index % 2 === 0 })),
    );
    expect(told.map(({ status }) => status)).toEqual(told.map(() => 200));
    const seen = pooled.received.filter(
      ({ headers }) => headers.authorization === 'Bearer canary-bad',
    );
    expect(seen.length).toBeGreaterThan(0);
    for (let count = 0; count < 8; count += 1) await ask({ model: 'pooled/b' });
    expect(pooled.received).toHaveLength(12 + seen.length + 8);
    await expect.poll(() => gateway.log()).toContain('"key":"POOL_KEY_BAD"');
    expect(gateway.log()).toContain('upstream rejects our key');
    expect(gateway.log()).not.toContain('canary');
  });
});

describe('a slow answer', () => {
  test('gets company; the loser’s connection is closed, and one generation is charged', async () => {
    const { slow } = hosts;
    for (const model of ['slow/a', 'quick/a']) {
      for (const stream of [false, true]) await ask({ model, stream });
    }
    for (const isStream of [false, true]) {
      slow.received.length = 0;
      slow.always(isStream ? hangingStream([]) : silence);
      const told = await ask({ model: 'slow/a', models: ['quick/a'], stream: isStream });
      expect(told).toMatchObject({ status: 200, code: undefined });
      expect(told.text.replaceAll(/"}[^]*?"content":"/g, '')).toContain('I am quick.');
      await slow.received[0]?.closed;
      await expect.poll(() => rowsOf([told.generationId])).toHaveLength(1);
      const [row] = await rowsOf([told.generationId]);
      expect(row).toMatchObject({ outcome: 'success', model_used: 'quick/a' });
    }
    expect(await metric('sealgate_upstream_hedges_total{upstream="quick",result="won"}')).toBe(2);
    expect(await healthOf('slow/a')).toBe('healthy');
  });
});

describe('everything at once', () => {
  const CLIENTS = 16;
  const REQUESTS_PER_CLIENT = 20;
  const LEAVING = 5;
  const plans = plan(randomFrom(SEED));

  interface Plan {
    readonly model: string;
    readonly isStream: boolean;
    /** Leaves as soon as a bad host has got the request. */
    readonly isLeaving: boolean;
    /** What each attempt meets at a bad host, one after the other; an answer in the end. */
    readonly faults: readonly string[];
  }

  /** The first ones make sure that each fault is met, and that some leave; their models nobody has broken before. */
  function plan(random: () => number): readonly Plan[] {
    const pick = (list: readonly string[]): string => at(list, Math.floor(random() * list.length));
    return Array.from({ length: CLIENTS * REQUESTS_PER_CLIENT }, (_, index) => {
      const own = `m${index % FAULT_NAMES.length}`;
      const isStream = random() < 0.5;
      if (index < FAULT_NAMES.length) {
        const fault = at(FAULT_NAMES, index);
        return { model: `bad/${own}`, isStream, isLeaving: false, faults: [fault, fault] };
      }
      if (index < FAULT_NAMES.length + LEAVING) {
        return { model: `worse/${own}`, isStream, isLeaving: true, faults: ['hangs'] };
      }
      return {
        model: pick(['nexevo/auto', 'nexevo/auto', `bad/${own}`, `worse/${own}`]),
        isStream,
        isLeaving: random() < 0.05,
        faults: Array.from({ length: Math.floor(random() * 4) }, () => pick(FAULT_NAMES)),
      };
    });
  }

  /** Does what the request's plan says. Attempts are counted over all bad hosts. */
  function planned(onAttempt: (index: number, fault: string) => void): Script {
    const attempts = new Map<number, number>();
    return (request, response) => {
      const index = indexIn(request.body);
      const attempt = attempts.get(index) ?? 0;
      attempts.set(index, attempt + 1);
      const name = plans[index]?.faults[attempt] ?? '';
      onAttempt(index, name);
      return (FAULTS[name] ?? answer(`Answer ${index}.`))(request, response);
    };
  }

  const indexIn = (body: Record<string, unknown>): number => {
    const [message] = body['messages'] as { content: string }[];
    return Number(message?.content);
  };

  const met = new Set<string>();

  async function run(): Promise<readonly (Told | undefined)[]> {
    const leaving = new Map<number, AbortController>();
    const script = planned((index, fault) => {
      met.add(fault);
      leaving.get(index)?.abort();
    });
    for (const name of ['bad', 'worse'] as const) hosts[name].always(script);
    hosts.steady.always((request, response) =>
      answer(`Answer ${indexIn(request.body)}.`)(request, response),
    );
    const results: (Told | undefined)[] = [];
    const client = async (number: number): Promise<void> => {
      for (let turn = 0; turn < REQUESTS_PER_CLIENT; turn += 1) {
        const index = turn * CLIENTS + number;
        const one = at(plans, index);
        const controller = new AbortController();
        if (one.isLeaving) leaving.set(index, controller);
        const messages = [{ role: 'user', content: String(index) }];
        const asked = ask({ model: one.model, stream: one.isStream, messages }, controller.signal);
        results[index] = await asked.catch((error: unknown) => {
          if (!controller.signal.aborted) throw error;
          return undefined;
        });
      }
    };
    await Promise.all(Array.from({ length: CLIENTS }, (_, number) => client(number)));
    return results;
  }

  let results: readonly (Told | undefined)[];
  beforeAll(async () => {
    // Soon back, so that as much as possible goes wrong.
    gateway = await startGateway({ yaml: yamlOf(hosts, 50), env: KEYS });
    askedCount = 0;
    results = await run();
  }, 120_000);

  test('every caller is answered, or refused with the code for it', () => {
    const counts = new Map<string, number>();
    for (const [index, told] of results.entries()) {
      const { isStream } = at(plans, index);
      const how = told === undefined ? 'left' : (told.code ?? 'answered');
      counts.set(how, (counts.get(how) ?? 0) + 1);
      if (told === undefined) continue;
      if (told.code !== undefined) {
        // After the first byte of a stream its status is gone.
        const status = REFUSALS[told.code];
        expect(isStream && told.status === 200 ? status : told.status, told.text).toBe(status);
        expect(told.text).not.toContain('[DONE]');
        continue;
      }
      expect(told.status).toBe(200);
      const content = told.text.replaceAll(/"}[^]*?"content":"/g, '');
      expect(content).toContain(`Answer ${index}.`);
      if (isStream) expect(told.text).toMatch(/data: \[DONE\]\n\n$/);
      else expect(JSON.parse(told.text)).toMatchObject({ nexevo: { cache: 'miss' } });
    }
    // Or nothing of all this was put to the test.
    expect([...met].filter((fault) => fault !== '').toSorted()).toEqual(FAULT_NAMES.toSorted());
    for (const how of [
      'answered',
      'left',
      'rate_limit_exceeded',
      'upstream_error',
      'upstream_timeout',
    ])
      expect(counts.get(how), how).toBeGreaterThan(0);
  });

  test('each request has one row, and within the time that a request may take', async () => {
    const ids = results.flatMap((told) => told?.generationId ?? []);
    expect(new Set(ids).size).toBe(ids.length);
    await expect.poll(countRows, { timeout: 10_000 }).toBe(askedCount);
    const rows = await rowsOf(ids);
    expect(rows).toHaveLength(ids.length);
    // The deadline, and what a busy machine needs to notice it.
    for (const { latency_ms: latencyMs } of rows) expect(latencyMs).toBeLessThan(TOTAL_MS + 2_000);
  });

  test('whoever got an answer pays for that one answer, and nobody else pays anything', async () => {
    const rows = new Map(
      (await rowsOf(results.flatMap((told) => told?.generationId ?? []))).map((row) => [
        row.id,
        row,
      ]),
    );
    for (const told of results) {
      if (told === undefined) continue;
      const row = rows.get(told.generationId);
      if (told.code === undefined) {
        const tokens = told.text.startsWith('data:') ? 2 : 7;
        expect(row).toMatchObject({ outcome: 'success', output_tokens: tokens });
        expect(BigInt(row?.cost_nano ?? 0)).toBeGreaterThan(0n);
      } else expect(row).toMatchObject({ output_tokens: 0, cost_nano: '0' });
    }
    await typeCommand(gateway, 'billing', 'reconcile');
  });

  test('when the hosts are well again, so is everything', async () => {
    for (const name of ['bad', 'worse', 'steady'] as const) hosts[name].always(answer('Well.'));
    const models = ['bad/a', 'worse/a', 'steady/a', 'bad/m0', 'worse/m18'];
    await expect
      .poll(async () => Promise.all(models.map(async (model) => (await ask({ model })).status)), {
        timeout: 30_000,
        interval: 200,
      })
      .toEqual(models.map(() => 200));
    const served = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        ask({ model: 'nexevo/auto', stream: index % 2 === 0 }),
      ),
    );
    expect(served.map(({ status, code }) => [status, code])).toEqual(
      served.map(() => [200, undefined]),
    );
  });
});
