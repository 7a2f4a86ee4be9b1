export { findGeneration, type GenerationContext, type StoredGeneration } from './find.ts';
export { retrieveGeneration, type JudgedGeneration } from './retrieve.ts';
