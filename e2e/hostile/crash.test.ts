import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answer, startFakeUpstream, type FakeUpstream } from '../fakes/upstream.ts';
import { startGateway, yamlFor, type Gateway } from '../harness.ts';
import { queryDatabase } from './gateway-database.ts';
import { createKey } from './operator.ts';
import { descendantsOf, isRunning, postmasterOf, processesNaming } from './processes.ts';
import { randomFrom } from './random.ts';
import { expectRefusal } from './refusal-envelope.ts';

let upstream: FakeUpstream;
beforeAll(async () => {
  upstream = await startFakeUpstream();
  upstream.always(answer('Four words of answer.'));
});
afterAll(() => upstream.close());

const chat = (gateway: Gateway, key: string, isStream = false): Promise<Response> =>
  fetch(`${gateway.url()}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}` },
    body: JSON.stringify({
      model: 'fake/model-a',
      stream: isStream,
      messages: [{ role: 'user', content: 'Hi' }],
    }),
  });

/** The generation of an answer that has arrived to its last byte; throws otherwise. */
async function generationOf(response: Response, isStream: boolean): Promise<string> {
  const text = await response.text();
  const isWhole = isStream ? text.endsWith('data: [DONE]\n\n') : text.endsWith('}');
  const id = /"generation_id":"(gen_\w+)"/.exec(text)?.[1];
  if (!isWhole || id === undefined) throw new Error(`not complete: ${text.slice(-200)}`);
  return id;
}

describe('kill -9 of the gateway', () => {
  const CLIENTS = 8;
  const ROUNDS = 2;
  const SEED = 20_261_123;

  test(`during load: every answer that arrived has its record, once, after each of ${ROUNDS} restarts`, async () => {
    const gateway = await startGateway({ yaml: yamlFor(upstream) });
    const random = randomFrom(SEED);
    const arrived: string[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const killAt = arrived.length + 50 + Math.floor(random() * 250);
      let killed: Promise<void> | undefined;
      const client = async (number: number): Promise<void> => {
        const isStream = number % 2 === 1;
        while (killed === undefined) {
          arrived.push(await generationOf(await chat(gateway, gateway.key, isStream), isStream));
          if (arrived.length >= killAt) killed ??= gateway.kill();
        }
      };
      await Promise.allSettled(Array.from({ length: CLIENTS }, (_, number) => client(number)));
      await killed;
      expect(arrived.length).toBeGreaterThanOrEqual(killAt);
      const postmaster = await postmasterOf(gateway.dataDir);
      await gateway.restart();
      expect(await postmasterOf(gateway.dataDir)).toBe(postmaster);
    }
    await expect.poll(() => missingOf(gateway, arrived), { timeout: 10_000 }).toEqual([]);
    const [billed] = await queryDatabase<{ count: string }>(
      gateway,
      'select count(*) from generations where id = any($1) and output_tokens > 0 and cost_nano > 0',
      [arrived],
    );
    expect(Number(billed?.count)).toBe(new Set(arrived).size);
    await gateway.stop();
    await expectNothingLeft(gateway);
  });

  test('its children end too: at once, or with the next stop', async () => {
    const gateway = await startGateway({
      yaml: yamlFor(upstream),
      env: { SEALGATE_LOCAL_MODELS: 'on' },
    });
    const children = await descendantsOf(gateway.running().child.pid);
    expect(children.length).toBeGreaterThan(1);
    await gateway.kill();
    await gateway.restart();
    const later = await descendantsOf(gateway.running().child.pid);
    await gateway.stop();
    await expect
      .poll(() => [...children, ...later].filter(isRunning), { timeout: 10_000 })
      .toEqual([]);
    await expectNothingLeft(gateway);
  });
});

describe('a database that is gone', () => {
  test('killed: keys that were used lately go on, nothing is lost, and it comes back by itself', async () => {
    const gateway = await startGateway({ yaml: yamlFor(upstream) });
    const arrived = [await generationOf(await chat(gateway, gateway.key), false)];
    const postmaster = await postmasterOf(gateway.dataDir);
    process.kill(postmaster, 'SIGKILL');
    const isBack = async (): Promise<boolean> => {
      arrived.push(await generationOf(await chat(gateway, gateway.key), false));
      const { status } = await fetch(`${gateway.url()}/readyz`);
      return status === 200 && (await postmasterOf(gateway.dataDir)) !== postmaster;
    };
    await expect.poll(isBack, { timeout: 20_000 }).toBe(true);
    const fresh = await createKey(gateway);
    expect((await chat(gateway, fresh.secret)).status).toBe(200);
    await expect.poll(() => missingOf(gateway, arrived), { timeout: 20_000 }).toEqual([]);
    await gateway.stop();
    await expectNothingLeft(gateway);
  }, 60_000);

  test('silent: other keys get 503 with Retry-After, never 401, and work as soon as it speaks again', async () => {
    const gateway = await startGateway({ yaml: yamlFor(upstream) });
    const fresh = await createKey(gateway);
    const arrived = [await generationOf(await chat(gateway, gateway.key), false)];
    const postmaster = await postmasterOf(gateway.dataDir);
    const processes = [postmaster, ...(await descendantsOf(postmaster))];
    for (const pid of processes) process.kill(pid, 'SIGSTOP');
    try {
      const [refused, readiness] = [chat(gateway, fresh.secret), fetch(`${gateway.url()}/readyz`)];
      for (let count = 0; count < 20; count += 1)
        arrived.push(await generationOf(await chat(gateway, gateway.key), false));
      const refusal = await refused;
      expectRefusal(
        {
          status: refusal.status,
          headers: Object.fromEntries(refusal.headers),
          body: await refusal.text(),
        },
        { status: 503, code: 'service_unavailable' },
      );
      expect(Number(refusal.headers.get('retry-after'))).toBeGreaterThan(0);
      expect((await fetch(`${gateway.url()}/healthz`)).status).toBe(200);
      expect((await readiness).status).toBe(503);
    } finally {
      for (const pid of processes) process.kill(pid, 'SIGCONT');
    }
    await expect
      .poll(async () => (await chat(gateway, fresh.secret)).status, { timeout: 20_000 })
      .toBe(200);
    await expect.poll(() => missingOf(gateway, arrived), { timeout: 20_000 }).toEqual([]);
  }, 90_000);
});

/** Those of these generations that the database does not have yet. */
async function missingOf(gateway: Gateway, ids: readonly string[]): Promise<readonly string[]> {
  const rows = await queryDatabase<{ id: string }>(
    gateway,
    'select id from generations where id = any($1)',
    [ids],
  );
  const found = new Set(rows.map(({ id }) => id));
  return ids.filter((id) => !found.has(id));
}

async function expectNothingLeft({ dataDir }: Gateway): Promise<void> {
  await expect.poll(() => processesNaming(dataDir), { timeout: 10_000 }).toEqual([]);
}
