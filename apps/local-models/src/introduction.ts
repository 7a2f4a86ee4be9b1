import type { BundledModel } from './bundled-models.ts';

/**
 * What a model answers to everything outside `tasks.ts`. It is fixed text, and says so by what it says:
 * such prompts never reach the model, which could only return a few letters of nonsense.
 */
export function introduction({ id, skill, examples }: BundledModel): string {
  return (
    `I am "${id}", a tiny model that comes with Sealgate. I cannot chat; I was trained for ${skill}. ` +
    `Try: ${examples.join(' or ')} ` +
    'For real conversations add a real model: set OPENAI_API_KEY (or the key of another provider), ' +
    'or describe one in sealgate.yaml, and start Sealgate again.'
  );
}
