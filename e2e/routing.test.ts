import { Sealgate, type Nexevo } from '@sealgate/sdk';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { startPostgres, type SharedPostgres } from '../bench/caps/postgres.ts';
import { gradedTasks, type GradedTask } from './fakes/graded-tasks.ts';
import { startGateway, type Gateway } from './harness.ts';
import { randomFrom } from './hostile/random.ts';
import { printSealed, sealedCaller } from './hostile/sealed-caller.ts';

/** Real models: `math` knows nothing of words, `words` nothing of maths, and `small` a little less of both. */
const YAML = `
tiers:
  auto: [local/words, local/math]
  balanced: [local/words, local/small, local/math]
`;
const RATERS = 36;
const VOTES = 144;
const AT_ONCE = 12;
const PATIENCE = { timeout: 30_000, interval: 200 };

/** Two gateways of one database. */
let postgres: SharedPostgres;
let gateways: readonly [Gateway, Gateway];
let raters: readonly string[];
beforeAll(async () => {
  postgres = await startPostgres();
  const env = {
    DATABASE_URL: postgres.url,
    SEALGATE_MASTER_KEY: 'the same one for both of the gateways',
    SEALGATE_LOCAL_MODELS: 'on',
  };
  const first = await startGateway({ env, yaml: YAML });
  gateways = [first, await startGateway({ env, yaml: YAML, key: first.key })];
  // Of one rater the first votes count most.
  raters = await Promise.all(
    Array.from({ length: RATERS }, async (_, at) => {
      const created = await clientOf(first, first.key).keys.create({ name: `rater ${at}` });
      return created.full_key;
    }),
  );
});
afterAll(() => postgres.stop());

const random = randomFrom(1);

const clientOf = (gateway: Gateway, apiKey: string): Sealgate =>
  new Sealgate({ baseURL: `${gateway.url()}/v1`, apiKey });

interface Asked {
  readonly nexevo: Nexevo;
  readonly isRight: boolean;
}

async function ask(
  client: Sealgate,
  { question, answer }: GradedTask,
  fields: { readonly model?: string; readonly explore?: boolean },
): Promise<Asked> {
  const messages = [{ role: 'user' as const, content: question }];
  const completion = await client.chat.completions.create({
    model: 'nexevo/auto',
    messages,
    ...fields,
  });
  const { nexevo, choices } = completion;
  if (nexevo === undefined) throw new Error('the gateway did not say who answered');
  return { nexevo, isRight: choices[0]?.message.content === answer };
}

/** Of some questions of both kinds, the share that goes to who knows the answer, where nothing is tried out. */
async function knownShare(gateway: Gateway, model: string): Promise<number> {
  const client = clientOf(gateway, gateway.key);
  const tasks = gradedTasks(24, random);
  let known = 0;
  for (const task of tasks) {
    const { nexevo } = await ask(client, task, { model, explore: false });
    if (nexevo.model_used === `local/${task.kind === 'maths' ? 'math' : 'words'}`) known += 1;
  }
  return known / tasks.length;
}

/** Asks one gateway and, now and then, votes at the other. */
async function askAndVote(task: GradedTask, turn: number): Promise<void> {
  const [here, there] = turn % 2 === 0 ? gateways : [gateways[1], gateways[0]];
  const key = raters[turn % RATERS] ?? '';
  const { nexevo, isRight } = await ask(clientOf(here, key), task, {});
  const vote = { generation_id: nexevo.generation_id, rating: isRight ? 1 : -1 } as const;
  if (turn % 4 !== 0) await clientOf(here, key).feedback.submit(vote);
  else {
    await untilLogged(nexevo);
    await clientOf(there, key).feedback.submit(vote);
  }
}

/** The sum over all labels. */
async function metric(gateway: Gateway, name: string): Promise<number> {
  const text = await (await fetch(`${gateway.url()}/metrics`)).text();
  const lines = text.matchAll(new RegExp(`^${name}\\{.*\\} (\\d+)$`, 'gm'));
  return [...lines].reduce((sum, [, value]) => sum + Number(value), 0);
}

describe('the tiers', () => {
  test('know nothing before anybody votes, and say so', async () => {
    expect(await knownShare(gateways[0], 'nexevo/auto')).toBe(0.5);
    const [task] = gradedTasks(1, random);
    if (task === undefined) throw new Error('impossible: no task');
    const client = clientOf(gateways[0], gateways[0].key);
    const { nexevo } = await ask(client, task, { explore: false });
    expect(nexevo.route).toMatchObject({
      asked: 'auto',
      reason: 'best',
      chosen: 'local/words',
      options: [
        { model: 'local/words', quality: 0.7, probability: 1 },
        { model: 'local/math', quality: 0.7, probability: 0 },
      ],
    });
  });

  test('learn from votes at any gateway who answers which kind of question, at every gateway', async () => {
    const tasks = gradedTasks(VOTES, random);
    for (let at = 0; at < VOTES; at += AT_ONCE) {
      await Promise.all(
        tasks.slice(at, at + AT_ONCE).map((task, one) => askAndVote(task, at + one)),
      );
    }
    await vi.waitFor(async () => {
      const names = ['sealgate_routing_lessons_total', 'sealgate_model_ratings'] as const;
      const [lessons, ratings] = names.map((name) =>
        Promise.all(gateways.map((gateway) => metric(gateway, name))),
      );
      // Each vote is learned once, by one of them, and known to both.
      expect((await lessons)?.reduce((sum, each) => sum + each)).toBe(VOTES);
      expect(await ratings).toEqual([VOTES, VOTES]);
    }, PATIENCE);
    for (const gateway of gateways) {
      expect(await knownShare(gateway, 'nexevo/auto')).toBeGreaterThan(0.8);
      expect(await knownShare(gateway, 'nexevo/balanced')).toBeGreaterThan(0.8);
    }
  });

  test('forget nothing when their gateway is killed', async () => {
    await gateways[0].kill();
    await gateways[0].restart();
    expect(await knownShare(gateways[0], 'nexevo/auto')).toBeGreaterThan(0.8);
  });

  test('keep a conversation on its model, also at the other gateway and after a restart', async () => {
    const [here, there] = gateways;
    const stays = { reason: 'conversation', chosen: 'local/math' };
    let conversation = '';
    // Gateways hear of each other's conversations a moment after their answers.
    await vi.waitFor(async () => {
      conversation = `about numbers ${random()}`;
      const first = await talk(here, conversation, 'What is 2 + 2?');
      expect(first.route).toMatchObject({ reason: 'best', chosen: 'local/math' });
      await untilLogged(first);
      const next = await talk(there, conversation, 'Spell "whale" backwards.');
      expect(next.route).toMatchObject(stays);
    }, PATIENCE);
    await there.restart();
    const later = await talk(there, conversation, 'Spell "whale" backwards.');
    expect(later.route).toMatchObject(stays);
    const alone = await talk(there, 'about words', 'Spell "whale" backwards.');
    expect(alone.route).toMatchObject({ reason: 'best', chosen: 'local/words' });
  });
});

describe('a sealed request', () => {
  const taught = () =>
    postgres.query("select generation_id as id from routing_lessons where kind = 'learn'", []);

  test('leaves no decision, no features and nothing to learn, unless its caller says so inside', async () => {
    const [gateway] = gateways;
    const caller = await sealedCaller(gateway);
    const sealed = async (fields: object): Promise<string> => {
      const messages = [{ role: 'user', content: 'What is 3 + 4?' }];
      const metadata = { conversation_id: 'sealed talk' };
      const payload = await caller.bind({ model: 'nexevo/auto', messages, metadata, ...fields });
      const answer = await caller.open(
        await caller.send(printSealed(caller.seal(JSON.stringify(payload)))),
      );
      return (answer['nexevo'] as Nexevo).generation_id;
    };
    const silent = [await sealed({}), await sealed({ learn: false })];
    const willing = await sealed({ learn: true });
    const { feedback } = clientOf(gateway, gateway.key);
    // A vote is taken only where the generation is stored, and its decision is stored with it.
    for (const id of [...silent, willing]) await feedback.submit({ generation_id: id, rating: -1 });
    await vi.waitFor(async () => expect(await taught()).toContainEqual({ id: willing }), PATIENCE);
    const stored = await postgres.query(
      'select generation_id as id, features is not null as taught from routing_decisions where generation_id = any($1)',
      [[...silent, willing]],
    );
    expect(stored).toEqual([{ id: willing, taught: true }]);
    for (const id of silent) expect(await taught()).not.toContainEqual({ id });
  });
});

async function talk(gateway: Gateway, conversation: string, content: string): Promise<Nexevo> {
  const { nexevo } = await clientOf(gateway, gateway.key).chat.completions.create({
    model: 'nexevo/auto',
    messages: [{ role: 'user', content }],
    explore: false,
    metadata: { conversation_id: conversation },
  });
  if (nexevo === undefined) throw new Error('the gateway did not say who answered');
  return nexevo;
}

/** What a gateway has done is in the database a moment later. */
async function untilLogged({ generation_id: id }: Nexevo): Promise<void> {
  const query = 'select from routing_decisions where generation_id = $1';
  await vi.waitFor(async () => expect(await postgres.query(query, [id])).toHaveLength(1), PATIENCE);
}
