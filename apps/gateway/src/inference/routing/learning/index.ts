export {
  featuresFromBytes,
  featuresToBytes,
  lessonFromBytes,
  lessonToBytes,
  stateFromBytes,
  stateToBytes,
} from './bytes.ts';
export {
  choose,
  utilityOf,
  type Candidate,
  type Choice,
  type ChoiceRules,
  type Option,
} from './choose.ts';
export { readFeatures, type Features } from './features.ts';
export { fitModel, type RatedFeatures } from './fit.ts';
export type { Prompt } from './prompt.ts';
export {
  QualityModel,
  type Lesson,
  type Prior,
  type QualityState,
  type Rating,
} from './quality-model.ts';
export { raterWeight, TEACHINGS, type RaterHistory, type Signal } from './raters.ts';
export { utilityWeights, type UtilityWeights } from './tier-weights.ts';
