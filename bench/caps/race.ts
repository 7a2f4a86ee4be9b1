import { nanoUsd, printUsd } from '../../packages/contract/src/usd.ts';
import { pick, type Random } from '../routing/random.ts';
import { ask, type Outcome } from './ask.ts';
import { audit, watchLimits, type Audit } from './audit.ts';
import { typeCommand, type RacingGateway, type Variables } from './gateway.ts';
import type { SharedPostgres } from './postgres.ts';
import type { MODELS } from './upstream.ts';

/** Input is free and a token of output costs a thousandth of a cent, so that an exact answer costs just what was held. */
export const PRICE = { input: '0', output: '10' } as const;
const MAX_TOKENS = 100;
/** 100 tokens at 10 USD per million, and five per cent. */
export const REQUEST_NANO = 1_050_000n;

export interface Course {
  readonly name: string;
  readonly gateways: readonly RacingGateway[];
  readonly database: SharedPostgres;
  readonly env: Variables;
  readonly random: Random;
  readonly model: (typeof MODELS)[number];
  readonly clients: number;
  readonly requests: number;
  /** How many of the dearest answers each key’s cap is worth; as many keys as caps. */
  readonly worth: readonly number[];
  /** Shares of requests that are streams, and of streams that their client leaves. */
  readonly streams: number;
  readonly leaving: number;
  /** Kills one gateway after another, for as long as the race runs. */
  readonly kills: boolean;
}

export interface Result extends Audit {
  readonly name: string;
  readonly keys: number;
  readonly answered: number;
  readonly refused: number;
  readonly left: number;
  readonly failed: number;
  /** Why requests failed, and how many did. */
  readonly reasons: ReadonlyMap<string, number>;
  readonly kills: number;
  readonly capNano: bigint;
  readonly overspendNano: bigint;
  /** What was left of the caps. */
  readonly unusedNano: bigint;
  /** How often somebody who looked saw a limit exceeded. */
  readonly violations: number;
}

/** Lets clients race against caps, and audits the books afterwards. */
export async function race(course: Course): Promise<Result> {
  const { database } = course;
  const keys = await Promise.all(course.worth.map((worth) => createKey(course, worth)));
  const watch = watchLimits(database);
  const killing = course.kills ? startKilling(course) : undefined;
  const raced = await run(course, keys);
  const kills = (await killing?.stop()) ?? 0;
  const outcomes = [...raced, ...(await useUp(course, keys))];
  const answered = outcomes.flatMap((each) =>
    each.kind === 'answered' ? [each.generationId] : [],
  );
  const audited = await audit(
    database,
    keys.map(({ id }) => id),
    answered,
  );
  const capNano = course.worth.reduce((sum, worth) => sum + BigInt(worth) * REQUEST_NANO, 0n);
  const { spentNano } = audited;
  return {
    ...audited,
    name: course.name,
    keys: keys.length,
    answered: answered.length,
    refused: countOf(outcomes, 'refused'),
    left: countOf(outcomes, 'left'),
    failed: countOf(outcomes, 'failed'),
    reasons: reasonsOf(outcomes),
    kills,
    capNano,
    overspendNano: spentNano > capNano ? spentNano - capNano : 0n,
    unusedNano: spentNano > capNano ? 0n : capNano - spentNano,
    violations: await watch.stop(),
  };
}

interface Key {
  readonly id: string;
  readonly secret: string;
}

async function createKey({ env }: Course, worth: number): Promise<Key> {
  const cap = printUsd(nanoUsd(BigInt(worth) * REQUEST_NANO));
  return JSON.parse(
    await typeCommand(env, 'keys', 'create', 'race', '--json', '--cap', cap),
  ) as Key;
}

/** Each client asks one question after the other, of any gateway. */
async function run(course: Course, keys: readonly Key[]): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  let asked = 0;
  const client = async (): Promise<void> => {
    while (asked < course.requests) {
      asked += 1;
      outcomes.push(await askAny(course, keys));
    }
  };
  await Promise.all(Array.from({ length: course.clients }, client));
  return outcomes;
}

/** When all is quiet, what is left of each cap must be there to be spent: until a request does not fit any more. */
async function useUp(course: Course, keys: readonly Key[]): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const { secret: key } of keys) {
    for (let last: Outcome | undefined; last?.kind !== 'refused'; outcomes.push(last)) {
      const { url } = pick(course.gateways, course.random);
      last = await ask({ url, key, model: 'race/exact', maxTokens: MAX_TOKENS, isStream: false });
      if (last.kind === 'failed') throw new Error(`a quiet gateway failed: ${last.reason}`);
    }
  }
  return outcomes;
}

function askAny(course: Course, keys: readonly Key[]): Promise<Outcome> {
  const { random } = course;
  const isStream = random() < course.streams;
  return ask({
    url: pick(course.gateways, random).url,
    key: pick(keys, random).secret,
    model: `race/${course.model}`,
    maxTokens: MAX_TOKENS,
    isStream,
    leavesAfter: isStream && random() < course.leaving ? 1 + Math.floor(random() * 10) : undefined,
  });
}

function startKilling({ gateways }: Course): { stop(): Promise<number> } {
  const stop = new AbortController();
  const killing = (async () => {
    let kills = 0;
    while (!stop.signal.aborted) {
      const gateway = gateways[kills % gateways.length];
      await gateway?.killAndRestart();
      kills += 1;
    }
    return kills;
  })();
  return {
    stop: () => {
      stop.abort();
      return killing;
    },
  };
}

const countOf = (outcomes: readonly Outcome[], kind: Outcome['kind']): number =>
  outcomes.filter((outcome) => outcome.kind === kind).length;

function reasonsOf(outcomes: readonly Outcome[]): ReadonlyMap<string, number> {
  const reasons = new Map<string, number>();
  for (const outcome of outcomes) {
    if (outcome.kind !== 'failed') continue;
    reasons.set(outcome.reason, (reasons.get(outcome.reason) ?? 0) + 1);
  }
  return reasons;
}

/** What must never be, as sentences; none when all is well. */
export function faultsOf(result: Result): readonly string[] {
  const facts: readonly (readonly [boolean, string])[] = [
    [result.overspendNano > 0n, 'more was spent than the caps allow'],
    [result.violations > 0, 'a limit was exceeded while the race ran'],
    [result.leakedNano > 0n, 'money is still set aside a minute after the last request'],
    [result.missingRecords > 0, 'answers were given that the books do not have'],
    [result.wrongCharges > 0, 'records and charges differ'],
    [
      result.unusedNano >= BigInt(result.keys) * REQUEST_NANO,
      'a key was refused although its cap had room',
    ],
  ];
  return facts.flatMap(([isFault, sentence]) => (isFault ? [`${result.name}: ${sentence}`] : []));
}
