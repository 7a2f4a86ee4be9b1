import { Sealgate } from '@sealgate/sdk';
import { startBundled } from '../src/sealgate.ts';
import { drawTask, type AnsweredTask } from './answered-tasks.ts';
import { PUBLISHED } from './published.ts';
import { pick, randomFrom, type Random } from './random.ts';
import type { ResultRow } from './report.ts';
import { mean, overSeeds, type Spread } from './spread.ts';

const REQUESTS = 1_500;
const RATED = 0.2;
const FLIPPED = 0.1;
const SEEDS = 5;
const MODELS = ['local/math', 'local/words', 'local/small'] as const;
const SET = 'bundled models, live';

/** Whose answers are right, per request in the order of asking. */
interface Run {
  readonly right: readonly number[];
  readonly seconds: number;
}

/**
 * The three bundled models behind a gateway as users start it, asked through the SDK one request after the other. The
 * router starts from nothing each time; what it learns from are votes through the API.
 */
export async function judgeLive(): Promise<readonly ResultRow[]> {
  const runs: Readonly<Record<string, number>>[] = [];
  for (let seed = 1; seed <= SEEDS; seed += 1) runs.push(await judgeSeed(seed));
  const spreads = overSeeds(SEEDS, (seed) => runs[seed - 1] ?? {});
  return Object.entries<Spread>(spreads).map(([measure, value]) => ({
    set: SET,
    measure,
    value,
    beside: measure.endsWith('last fifth') ? PUBLISHED.live : '',
  }));
}

async function judgeSeed(seed: number): Promise<Readonly<Record<string, number>>> {
  const gateway = await startBundled();
  try {
    const client = new Sealgate({
      baseURL: `http://127.0.0.1:${gateway.port}/v1`,
      apiKey: gateway.key,
    });
    const random = randomFrom(seed);
    const tasks = Array.from({ length: REQUESTS }, () => drawTask(random));
    const routed = await ask(client, tasks, {
      model: () => 'nexevo/auto',
      voter: randomFrom(seed + 100),
    });
    const chance = randomFrom(seed + 200);
    const randomly = await ask(client, tasks, { model: () => pick(MODELS, chance) });
    const small = await ask(client, tasks, { model: () => 'local/small' });
    const fifths = Array.from({ length: 4 }, (_, at) => mean(fifth(routed.right, at)));
    return {
      ...Object.fromEntries(fifths.map((share, at) => [`right in fifth ${at + 1}`, share])),
      'right in the last fifth': mean(fifth(routed.right, 4)),
      'right overall': mean(routed.right),
      'right overall, random model': mean(randomly.right),
      'right overall, best fixed model': mean(small.right),
      'requests per second, one after the other': REQUESTS / routed.seconds,
    };
  } finally {
    await gateway.stop();
  }
}

async function ask(
  client: Sealgate,
  tasks: readonly AnsweredTask[],
  policy: { readonly model: () => string; readonly voter?: Random },
): Promise<Run> {
  const right: number[] = [];
  const startedMs = performance.now();
  for (const { question, answer } of tasks) {
    const completion = await client.chat.completions.create({
      model: policy.model(),
      messages: [{ role: 'user', content: question }],
    });
    const isRight = completion.choices[0]?.message.content === answer;
    right.push(Number(isRight));
    if (policy.voter)
      await vote(client, completion.nexevo?.generation_id ?? '', isRight, policy.voter);
  }
  return { right, seconds: (performance.now() - startedMs) / 1_000 };
}

async function vote(
  client: Sealgate,
  generationId: string,
  isRight: boolean,
  voter: Random,
): Promise<void> {
  const [isRated, isFlipped] = [voter() < RATED, voter() < FLIPPED];
  if (!isRated) return;
  await client.feedback.submit({
    generation_id: generationId,
    rating: isRight === isFlipped ? -1 : 1,
  });
}

const fifth = (right: readonly number[], at: number): readonly number[] =>
  right.slice((at * REQUESTS) / 5, ((at + 1) * REQUESTS) / 5);
