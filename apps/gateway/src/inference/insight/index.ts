export type { Estimate } from './estimate.ts';
export { printLogLine } from './log-line.ts';
export { POLICY_FORMS, readPolicy, type Policy } from './policy.ts';
export { readInsight, readInsightOfAll, readLog, type RoutingInsight } from './read-insight.ts';
export type { PolicyValue, Replayed } from './replay.ts';
export { LogFault, replayLog, type ReplayedLog } from './replay-log.ts';
export type { Exploration, ModelInsight, TierInsight, TrackRecord } from './tier-insight.ts';
