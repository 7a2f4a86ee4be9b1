import type { DataSet } from './data.ts';
import { nameBestModels } from './best-model.ts';
import { costQualityHull, hullQuality } from './hull.ts';
import { localTasks } from './local-tasks.ts';
import {
  judgeByFolds,
  judgeByLength,
  judgeFromLabels,
  judgeUnseenGroups,
  orderPair,
} from './pair.ts';
import { PUBLISHED } from './published.ts';
import type { ResultRow } from './report.ts';
import { mean, overSeeds, spreadOf, type Spread } from './spread.ts';
import { QUALITY_ONLY, runStream, type StreamResult } from './stream.ts';
import { judgeTier, TIERS } from './tiers.ts';

/** With 1,500 labels at least as many prompts must be left to judge. */
const LABELS = 1_500;
const SMALL_POOL = 3;

/** Everything that a set allows to measure. Sets not known by name get the protocols that fit their shape. */
export function judgeSet(set: DataSet): readonly ResultRow[] {
  const rows: ResultRow[] = [];
  if (set.models.length === 2) rows.push(...judgePair(set));
  if (set.name.startsWith('routerdc')) rows.push(...judgeRouterDc(set));
  if (set.models.length > 2) rows.push(...judgeStreams(set));
  if ((set.rows[0]?.usdPer1000.length ?? 0) > 0) rows.push(...judgeTiers(set));
  return rows;
}

function judgePair(set: DataSet): readonly ResultRow[] {
  const pair = orderPair(set, 0, 1);
  const published = set.name.includes('gsm8k') ? PUBLISHED.gsm8k : '';
  const folds = judgeByFolds(set, pair, 5);
  const rows: ResultRow[] = [
    { set: set.name, measure: '5-fold APGR', value: folds.apgr, beside: published },
    { set: set.name, measure: '5-fold CPT50, %', value: folds.cpt50, beside: '' },
    { set: set.name, measure: '5-fold CPT80, %', value: folds.cpt80, beside: '' },
    {
      set: set.name,
      measure: 'APGR by length of the prompt alone',
      value: spreadOf([judgeByLength(set, pair).apgr]),
      beside: '',
    },
  ];
  if (set.rows.length >= 2 * LABELS) {
    const { apgr } = judgeFromLabels(set, pair, { labels: LABELS, seeds: 5 });
    const beside = set.name.includes('mmlu') ? PUBLISHED.mmlu : '';
    rows.push({ set: set.name, measure: `APGR from ${LABELS} labels`, value: apgr, beside });
  }
  if (new Set(set.rows.map(({ group }) => group)).size >= 10) {
    const { apgr } = judgeUnseenGroups(set, pair, 3);
    rows.push({ set: set.name, measure: 'APGR, unseen groups', value: apgr, beside: '' });
  }
  return rows;
}

function judgeRouterDc(set: DataSet): readonly ResultRow[] {
  const named = nameBestModels(set, 5);
  const groups = Object.entries(named).filter(([name]) => name !== 'in' && name !== 'out');
  const value = (name: string): ResultRow['value'] => named[name] ?? spreadOf([]);
  return [
    {
      set: set.name,
      measure: 'in distribution, % right',
      value: value('in'),
      beside: PUBLISHED.routerDcIn,
    },
    {
      set: set.name,
      measure: 'out of distribution, % right',
      value: value('out'),
      beside: PUBLISHED.routerDcOut,
    },
    ...groups.map(([name, spread]) => ({
      set: set.name,
      measure: `· ${name}`,
      value: spread,
      beside: '',
    })),
  ];
}

/** Streams over the test rows, or over all where a set has no split. */
function judgeStreams(set: DataSet): readonly ResultRow[] {
  const isRouterDc = set.name.startsWith('routerdc');
  const stream = isRouterDc ? set.rows.filter(({ split }) => split === 'test') : set.rows;
  const all = set.models.map((_, at) => at);
  const run = (models: readonly number[], rated: number, seed: number): StreamResult =>
    runStream(stream, { models, weights: QUALITY_ONLY, rated, flipped: 0.1, seed });
  const whole = overSeeds(10, (seed) => {
    const result = run(all, 0.1, seed);
    const curve = result.curve.map(({ requests, regret }) => [`regret at ${requests}`, regret]);
    return {
      ...(Object.fromEntries(curve) as Record<string, number>),
      'regret of random routing': result.randomRegret,
      'share of exploration': result.explored,
    };
  });
  const above = (models: readonly number[], rated: number, seed: number): number => {
    const { utility, bestFixed } = run(models, rated, seed);
    return 100 * (utility - bestFixed);
  };
  const row = (measure: string, value: Spread, beside = ''): ResultRow => ({
    set: set.name,
    measure,
    value,
    beside,
  });
  const best = bestModels(set, SMALL_POOL);
  return [
    ...Object.entries(whole).map(([measure, value]) => {
      const isEnd = isRouterDc && measure === `regret at ${stream.length}`;
      return row(`all, 10 % rated: ${measure}`, value, isEnd ? PUBLISHED.routerDcStream : '');
    }),
    ...[0.1, 0.3, 1].map((rated) =>
      row(
        `best three, ${100 * rated} % rated: points above the best fixed`,
        overSeeds(10, (seed) => ({ above: above(best, rated, seed) })).above,
        isRouterDc ? PUBLISHED.routerDcPool : '',
      ),
    ),
    row(
      'every pool of three in turn, 10 % rated: points above its best fixed',
      spreadOf(triples(all).map((models, at) => above(models, 0.1, at + 1))),
    ),
  ];
}

function bestModels(set: DataSet, count: number): readonly number[] {
  const quality = (at: number): number => mean(set.rows.map((row) => row.quality[at] ?? 0));
  return set.models
    .map((_, at) => at)
    .toSorted((a, b) => quality(b) - quality(a))
    .slice(0, count);
}

const triples = (items: readonly number[]): readonly (readonly number[])[] =>
  items.flatMap((a) =>
    items.flatMap((b) => items.filter((c) => a < b && b < c).map((c) => [a, b, c])),
  );

function judgeTiers(set: DataSet): readonly ResultRow[] {
  const hull = costQualityHull(set);
  const points = hull.map((point) => ({
    set: set.name,
    measure: `hull: ${point.model} at ${point.usdPer1000.toFixed(2)} USD/1000`,
    value: spreadOf([point.quality]),
    beside: '',
  }));
  const tiers = TIERS.flatMap((tier) => {
    const { utility, quality, usdPer1000, bestFixed } = judgeTier(set, tier, 20);
    const beside = `best fixed ${bestFixed.mean.toFixed(3)}; ${PUBLISHED.tiers}`;
    const onHull = `hull at that price ${hullQuality(hull, usdPer1000.mean).toFixed(3)}`;
    return [
      { set: set.name, measure: `tier ${tier}: utility`, value: utility, beside },
      { set: set.name, measure: `tier ${tier}: right`, value: quality, beside: onHull },
      { set: set.name, measure: `tier ${tier}: USD per 1000`, value: usdPer1000, beside: '' },
    ];
  });
  return [...points, ...tiers];
}

/** The bundled models, played by their measured rates of right answers: 1,500 requests, 20 % rated, 10 % flipped. */
/** What the gateway believes of a model of which nothing is known. */
const UNKNOWN = { mean: 0.7, worth: 20 };

export function judgeLocalTasks(): readonly ResultRow[] {
  const result = overSeeds(24, (seed) => {
    const priors = [UNKNOWN, UNKNOWN, UNKNOWN];
    const rules = {
      models: [0, 1, 2],
      weights: QUALITY_ONLY,
      rated: 0.2,
      flipped: 0.1,
      priors,
      seed,
    };
    const { quality, lastFifth, bestFixed } = runStream(localTasks(1_500, seed), rules);
    return {
      'right overall': quality,
      'right in the last fifth': lastFifth,
      'best fixed': bestFixed,
    };
  });
  return Object.entries(result).map(([measure, value]) => ({
    set: 'bundled models, simulated',
    measure,
    value,
    beside: measure === 'right in the last fifth' ? PUBLISHED.live : '',
  }));
}
