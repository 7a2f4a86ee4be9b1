// `npm run bench:conversations`: see README.md for what is measured and how.
import { readFileSync, realpathSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { type StartedSealgate, startSealgate } from './sealgate.ts';
import { quantilesOf, summaryOf } from './statistics.ts';

/** One long conversation and many usual ones: a million messages. */
const LONG = { conversations: 1, messages: 100_000 };
const USUAL = { conversations: 9_000, messages: 100 };
const ROUNDS = 5;
const CALLS_PER_ROUND = 300;
const WARMUP_CALLS = 50;
const LIMIT_MS = 5;
/** Nobody listens there: conversations never call a model. */
const NO_UPSTREAM_PORT = 9;

const idOf = (conversation: number): string => `conv_${String(conversation).padStart(25, '0')}`;
const LONG_ID = idOf(1);

interface Call {
  readonly name: string;
  readonly path: () => string;
  readonly body?: object;
  /** Held to the limit. */
  readonly isPromised: boolean;
}

const random = (limit: number): number => Math.floor(Math.random() * limit);
const anyId = (): string => idOf(1 + random(LONG.conversations + USUAL.conversations));
const message = {
  role: 'user',
  content: `Another one, of the usual length. ${'Text. '.repeat(40)}`,
};

const CALLS: readonly Call[] = [
  {
    name: 'append to any conversation',
    path: () => `/${anyId()}/messages`,
    body: message,
    isPromised: true,
  },
  {
    name: 'append to the long conversation',
    path: () => `/${LONG_ID}/messages`,
    body: message,
    isPromised: true,
  },
  { name: 'list conversations, first page', path: () => '?limit=20', isPromised: true },
  {
    name: 'list conversations, any page',
    path: () => `?limit=20&after=${anyId()}`,
    isPromised: true,
  },
  {
    name: 'list messages, first page',
    path: () => `/${anyId()}/messages?limit=20`,
    isPromised: true,
  },
  {
    name: 'list messages, any page of the long conversation',
    path: () => `/${LONG_ID}/messages?limit=20&after=msg_1x${1 + random(LONG.messages)}`,
    isPromised: true,
  },
  { name: 'retrieve a conversation', path: () => `/${anyId()}`, isPromised: true },
  { name: 'search, a frequent word', path: () => '?limit=20&q=Lorem', isPromised: false },
  {
    name: 'search, a word that is nowhere (one page, 5,000 messages)',
    path: () => `?limit=20&q=${encodeURIComponent('北京')}&after=${anyId()}`,
    isPromised: false,
  },
];

/** Past the gateway: a million requests would take longer than all of the measurement. */
async function fill(dataDir: string): Promise<void> {
  const folder = realpathSync(dataDir);
  const session = new Client({
    host: join(folder, 'run'),
    user: 'sealgate',
    password: readFileSync(join(folder, 'postgres.password'), 'utf8'),
    database: 'postgres',
  });
  await session.connect();
  try {
    await session.query(
      `create function bench_id(n bigint) returns text language sql immutable
       as $$ select 'conv_' || lpad(n::text, 25, '0') $$`,
    );
    let first = 1;
    for (const { conversations, messages } of [LONG, USUAL]) {
      await session.query(
        `insert into conversations (id, organization_id, title, message_count, updated_at)
         select bench_id(n), organizations.id, 'Session ' || n, $3, now()
         from organizations, generate_series($1::bigint, $2::bigint) as n`,
        [first, first + conversations - 1, messages],
      );
      await session.query(
        `insert into messages (id, organization_id, conversation_id, position, role, content)
         select 'msg_' || n || 'x' || position, organizations.id, bench_id(n), position,
           case position % 2 when 1 then 'user' else 'assistant' end,
           'Lorem ' || repeat(md5(n || '.' || position) || ' ', 8)
         from organizations, generate_series($1::bigint, $2::bigint) as n,
           generate_series(1, $3::bigint) as position`,
        [first, first + conversations - 1, messages],
      );
      first += conversations;
    }
    await session.query('vacuum analyze conversations, messages');
  } finally {
    await session.end();
  }
}

/** From the first byte sent to the last one read, on a connection that stays open. */
async function timeOf({ port, headers }: StartedSealgate, { path, body }: Call): Promise<number> {
  const url = `http://127.0.0.1:${port}/v1/conversations${path()}`;
  const startedAt = performance.now();
  const answer = await fetch(url, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${text}`);
  return performance.now() - startedAt;
}

async function run(target: StartedSealgate): Promise<Map<string, number[][]>> {
  const samples = new Map<string, number[][]>(CALLS.map(({ name }) => [name, []]));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const call of CALLS) {
      const times: number[] = [];
      for (let count = -WARMUP_CALLS; count < CALLS_PER_ROUND; count += 1) {
        const time = await timeOf(target, call);
        if (count >= 0) times.push(time);
      }
      samples.get(call.name)?.push(times);
    }
  }
  return samples;
}

function print(samples: ReadonlyMap<string, readonly number[][]>): void {
  console.log('| call | median ms (rounds) | p99 ms (rounds) |\n|---|---|---|');
  for (const { name, isPromised } of CALLS) {
    const rounds = (samples.get(name) ?? []).map(quantilesOf);
    const median = summaryOf(rounds.map(({ p50 }) => p50));
    const p99 = summaryOf(rounds.map((round) => round.p99));
    const cells = [median, p99].map(
      (each) => `${each.median.toFixed(2)} (${each.min.toFixed(2)}–${each.max.toFixed(2)})`,
    );
    console.log(`| ${name} | ${cells.join(' | ')} |`);
    if (isPromised && median.median > LIMIT_MS) process.exitCode = 1;
  }
}

const target = await startSealgate(NO_UPSTREAM_PORT);
try {
  const startedAt = performance.now();
  await fill(target.dataDir);
  console.log(`a million messages in ${((performance.now() - startedAt) / 1000).toFixed(0)} s\n`);
  const before = loadavg()[0] ?? 0;
  const samples = await run(target);
  const load = [before, loadavg()[0] ?? 0].map((each) => each.toFixed(1)).join(' and ');
  console.log(`load average ${load} before and after, on ${cpus().length} processors\n`);
  print(samples);
} finally {
  await target.stop();
}
