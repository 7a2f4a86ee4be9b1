export { LocalModelsUnavailable } from './model-process.ts';
export {
  type LocalModelFacts,
  type LocalModels,
  type LocalModelsOptions,
  startLocalModels,
} from './start-local-models.ts';
