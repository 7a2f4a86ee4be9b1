export { ConversationMemory } from './conversation-memory.ts';
export { explain, recordOf, type Decision } from './decision.ts';
export { regionsOf } from './geo-policy.ts';
export { readIntent, TIER_MODEL_IDS, type Intent, type Preference } from './intent.ts';
export {
  featuresFromBytes,
  lessonFromBytes,
  lessonToBytes,
  raterWeight,
  stateFromBytes,
  stateToBytes,
  TEACHINGS,
  utilityOf,
  type Prompt,
  type UtilityWeights,
} from './learning/index.ts';
export { priorOf } from './priors.ts';
export { QualityBook, type BookPage, type Change, type Learned } from './quality-book.ts';
export type { RoutingRequest } from './request.ts';
export { Router, type RouterMetrics } from './router.ts';
export { shortlist, type Misfit, type Requirements, type Shortlist } from './shortlist.ts';
export { VersionWatch } from './version-watch.ts';
