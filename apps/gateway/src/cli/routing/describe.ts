import { printUsd, type NanoUsd } from '@sealgate/contract';
import { printPolicy } from '../../http/index.ts';
import type {
  Estimate,
  ModelInsight,
  Replayed,
  TierInsight,
} from '../../inference/insight/index.ts';
import { printTable } from '../table.ts';

const UNKNOWN = {
  'too-few-votes': 'too few votes',
  'too-few-effective-votes': 'too few votes that fit',
  'no-overlap': 'hardly ever tried',
} as const;

/** One tier, for people. */
export const describeTier = (insight: TierInsight): string =>
  [
    `${insight.tier}: ${describeTotals(insight)}\n`,
    printTable([MODEL_HEADING, ...insight.models.map(describeModel)]),
    describePolicies(insight.policies),
    describeExploration(insight.exploration),
  ].join('\n');

export const describePolicies = (policies: readonly Replayed[]): string =>
  printTable([POLICY_HEADING, ...policies.map(describePolicy)]);

const MODEL_HEADING = [
  'MODEL',
  'TRAFFIC',
  'VOTES',
  'GOOD',
  '95 %',
  'EXPECTED',
  'ASKED AGAIN',
  'COST USD',
  'USD/SOLVED',
];

const describeModel = (model: ModelInsight): readonly string[] => [
  model.model,
  percent(model.trafficShare),
  String(model.votes),
  ...describeEstimate(model.winRate),
  model.expectedWinRate === undefined ? '-' : percent(model.expectedWinRate),
  String(model.regenerated),
  printUsd(model.costNano),
  money(model.costPerSolvedNano),
];

const POLICY_HEADING = [
  'POLICY',
  'VOTES ONLY',
  '95 %',
  'ROBUST',
  '95 %',
  'VOTES THAT FIT',
  'AGREES',
  'USD/1000',
  'MS',
  'USD/SOLVED',
];

function describePolicy(replayed: Replayed): readonly string[] {
  const { policy, value, effectiveVotes, agreement, latencyMs } = replayed;
  const { cost_per_1000_usd: usdPer1000, cost_per_solved_usd: usdPerSolved } =
    printPolicy(replayed);
  const values =
    value.kind === 'known'
      ? [...describeEstimate(value.selfNormalised), ...describeEstimate(value.doublyRobust)]
      : ['?', UNKNOWN[value.reason], '?', ''];
  return [
    policy,
    ...values,
    String(Math.round(effectiveVotes)),
    percent(agreement),
    usdPer1000,
    String(Math.round(latencyMs)),
    usdPerSolved ?? '-',
  ];
}

function describeTotals(tier: TierInsight): string {
  const { decisions, votes, winRate, failed, fallbacks, regenerated } = tier;
  const [good, interval] = describeEstimate(winRate);
  return [
    `${decisions} answers`,
    votes === 0 ? 'no votes' : `${votes} votes, ${good} good (${interval})`,
    `${regenerated} asked again`,
    `${fallbacks} by another model than the chosen one`,
    `${failed} without an answer`,
    `${money(tier.costPerSolvedNano)} USD per solved task`,
  ].join('; ');
}

function describeExploration(exploration: TierInsight['exploration']): string {
  const { decisions, explored, utilityLost, extraUsd } = exploration;
  if (decisions === 0) return 'Exploration: nothing was drawn.\n';
  return (
    `Exploration: ${explored} of ${decisions} draws (${percent(explored / decisions)}). Expected cost: the worth of ` +
    `${utilityLost.toFixed(1)} good answers, with ${extraUsd.toFixed(6)} USD among it.\n`
  );
}

const describeEstimate = (estimate: Estimate | undefined): readonly [string, string] =>
  estimate === undefined
    ? ['-', '-']
    : [percent(estimate.value), `${percent(estimate.low)} to ${percent(estimate.high)}`];

const percent = (share: number): string => `${(100 * share).toFixed(1)}%`;

const money = (amount: NanoUsd | undefined): string =>
  amount === undefined ? '-' : printUsd(amount);
