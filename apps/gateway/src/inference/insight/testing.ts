import type { DecidedOption, LoggedDecision } from '../../customers/decisions/index.ts';
import { choose, utilityWeights } from '../routing/learning/index.ts';
import { drawOf } from './draw.ts';
import { readPolicy } from './policy.ts';
import { Replay, type PolicyValue, type Replayed } from './replay.ts';

/** A multiplicative congruential generator: the same log in every run. */
function randomFrom(seed: number): () => number {
  let state = (seed % 2_147_483_646) + 1;
  const next = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
  for (let count = 0; count < 3; count += 1) next();
  return next;
}

export const testOption = (model: string, changes: Partial<DecidedOption> = {}): DecidedOption => ({
  model,
  quality: 0.7,
  usdPer1000: 1,
  latencyMs: 100,
  ratings: 0,
  utility: 0.7,
  probability: 0.5,
  ...changes,
});

/** Drawn between `a` and `b`, which are alike; `a` was chosen, has served, and nobody voted. */
export const testLogged = (changes: Partial<LoggedDecision> = {}): LoggedDecision => ({
  generationId: 'gen_1',
  decidedAt: new Date(Date.UTC(2026, 0, 2)),
  tier: 'auto',
  preference: undefined,
  policy: 'test',
  rules: { perUsdPer1000: 0, perSecond: 0, explores: true },
  options: [testOption('a'), testOption('b')],
  chosen: 'a',
  reason: 'best',
  features: undefined,
  modelUsed: 'a',
  rating: undefined,
  signal: undefined,
  costNano: undefined,
  ...changes,
});

/** A request is easy or hard, and the router can tell. */
type Kind = 'easy' | 'hard';
type Shares = Readonly<Record<Kind, { readonly a: number; readonly b: number }>>;

/** How often answers are good: `a` is better for both, and who asks easy things is more often pleased with anything. */
const TRUTH: Shares = { easy: { a: 0.95, b: 0.85 }, hard: { a: 0.6, b: 0.3 } };
/** What the router expects: it takes `b` for the better one for easy requests, which it is not. */
const EXPECTED: Shares = { easy: { a: 0.75, b: 0.85 }, hard: { a: 0.7, b: 0.5 } };
const RATED = 0.33;
const RULES = {
  weights: utilityWeights('auto', undefined),
  explore: true,
  conversationModel: undefined,
};

const candidatesFor = (kind: Kind): Parameters<typeof choose>[0] =>
  (['a', 'b'] as const).map((id) => ({
    id,
    quality: EXPECTED[kind][id],
    usdPer1000: id === 'a' ? 2 : 1,
    latencyMs: id === 'a' ? 200 : 100,
    ratings: 0,
  }));

const inLongRun = (shareOfA: Readonly<Record<Kind, number>>): number =>
  (['easy', 'hard'] as const)
    .map((kind) => shareOfA[kind] * TRUTH[kind].a + (1 - shareOfA[kind]) * TRUTH[kind].b)
    .reduce((sum, each) => sum + each / 2, 0);

const shareOfA = (kind: Kind): number =>
  choose(candidatesFor(kind), RULES, 0).options[0]?.probability ?? 0;

/** What policies are worth there when as many requests are easy as hard. */
export const TRUE_VALUES = {
  current: inLongRun({ easy: shareOfA('easy'), hard: shareOfA('hard') }),
  best: inLongRun({ easy: 0, hard: 1 }),
  random: inLongRun({ easy: 0.5, hard: 0.5 }),
  'always:a': inLongRun({ easy: 1, hard: 1 }),
  'always:b': inLongRun({ easy: 0, hard: 0 }),
} as const;

/** The router's own choices in that world. */
export function simulate(seed: number, size: number): readonly LoggedDecision[] {
  const random = randomFrom(seed);
  return Array.from({ length: size }, () => {
    const kind = random() < 0.5 ? 'easy' : 'hard';
    const { options, chosen, reason } = choose(candidatesFor(kind), RULES, random());
    const isGood = random() < TRUTH[kind][chosen === 'a' ? 'a' : 'b'];
    const rating = isGood ? 1 : -1;
    return testLogged({
      rules: { ...RULES.weights, explores: true },
      options: options.map(({ id, ...option }) => testOption(id, option)),
      chosen,
      modelUsed: chosen,
      reason,
      rating: random() < RATED ? rating : undefined,
    });
  });
}

/** What a policy would have done with these decisions. */
export function replayed(log: readonly LoggedDecision[], name: string): Replayed {
  const policy = readPolicy(name);
  if (policy === undefined) throw new Error(`no policy is called ${name}`);
  const replay = new Replay(policy);
  for (const decision of log) {
    const draw = drawOf(decision);
    if (draw !== undefined) replay.note(draw);
  }
  return replay.report();
}

/** Of a policy whose value must be known. */
export function knownValue({ policy, value }: Replayed): Extract<PolicyValue, { kind: 'known' }> {
  if (value.kind === 'known') return value;
  throw new Error(`the value of ${policy} is unknown: ${value.reason}`);
}
