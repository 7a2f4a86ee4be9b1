import {
  nanoUsd,
  printUsd,
  type Estimate as PrintedEstimate,
  type PolicyInsight,
  type RoutingInsight as PrintedInsight,
  type TierInsight as PrintedTier,
} from '@sealgate/contract';
import type {
  Estimate,
  Replayed,
  RoutingInsight,
  TierInsight,
  TrackRecord,
} from '../../inference/insight/index.ts';

/** Also what the operator's command prints. */
export const printInsight = (insight: RoutingInsight): PrintedInsight => ({
  from: insight.from,
  to: insight.to,
  time_zone: insight.timeZone,
  decisions: insight.decisions,
  truncated: insight.isTruncated,
  since: insight.since?.toISOString() ?? null,
  tiers: insight.tiers.map(printTier),
});

const printTier = ({ tier, failed, fallbacks, ...insight }: TierInsight): PrintedTier => ({
  tier,
  ...printRecord(insight),
  failed,
  fallbacks,
  models: insight.models.map(({ model, trafficShare, expectedWinRate, ...record }) => ({
    model,
    ...printRecord(record),
    traffic_share: rounded(trafficShare),
    expected_win_rate: expectedWinRate === undefined ? null : rounded(expectedWinRate),
  })),
  exploration: {
    decisions: insight.exploration.decisions,
    explored: insight.exploration.explored,
    utility_lost: rounded(insight.exploration.utilityLost),
    extra_cost_usd: printExpected(insight.exploration.extraUsd),
  },
  policies: insight.policies.map(printPolicy),
});

const printRecord = (record: TrackRecord) => ({
  decisions: record.decisions,
  votes: record.votes,
  good: record.good,
  win_rate: record.winRate === undefined ? null : printEstimate(record.winRate),
  regenerated: record.regenerated,
  cost_usd: printUsd(record.costNano),
  cost_per_solved_usd:
    record.costPerSolvedNano === undefined ? null : printUsd(record.costPerSolvedNano),
});

export const printPolicy = ({ value, ...replayed }: Replayed): PolicyInsight => ({
  policy: replayed.policy,
  decisions: replayed.decisions,
  applied: rounded(replayed.applied),
  overlap: rounded(replayed.overlap),
  agreement: rounded(replayed.agreement),
  votes: replayed.votes,
  effective_votes: rounded(replayed.effectiveVotes),
  self_normalised: value.kind === 'known' ? printEstimate(value.selfNormalised) : null,
  doubly_robust: value.kind === 'known' ? printEstimate(value.doublyRobust) : null,
  unknown_reason: value.kind === 'known' ? null : value.reason,
  cost_per_1000_usd: printExpected(replayed.usdPer1000),
  latency_ms: rounded(replayed.latencyMs),
  cost_per_solved_usd:
    replayed.usdPerSolved === undefined ? null : printExpected(replayed.usdPerSolved),
});

const printEstimate = ({ value, low, high }: Estimate): PrintedEstimate => ({
  value: rounded(value),
  low: rounded(low),
  high: rounded(high),
});

/** Of an expectation, which is no booked money. */
const printExpected = (usd: number): string => printUsd(nanoUsd(BigInt(Math.round(usd * 1e9))));

const rounded = (value: number): number => Math.round(value * 1e4) / 1e4;
