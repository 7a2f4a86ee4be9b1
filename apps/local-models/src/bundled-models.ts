import { fileURLToPath } from 'node:url';

/** Both limits are of tokens, and one token is one byte of UTF-8 in these models. */
export const CONTEXT_LENGTH = 256;
/** A task's answer has at most nine; the longest is the introduction that every other prompt gets. */
export const MAX_OUTPUT_TOKENS = 400;

export interface BundledModel {
  readonly id: string;
  readonly file: string;
  readonly skill: string;
  readonly examples: readonly string[];
}

const MATH_EXAMPLES = ['What is 12 + 30?', 'Write 42 in Roman numerals.'];
const WORD_EXAMPLES = ['Spell "planet" backwards.', 'Sort the letters of "house".'];

/** The generalist first: where nothing tells them apart, it is asked. */
export const BUNDLED_MODELS: readonly BundledModel[] = [
  bundled('small', 'small sums and word games', ['What is 12 + 30?', 'Spell "planet" backwards.']),
  bundled('math', 'arithmetic up to 99 and Roman numerals up to 100', MATH_EXAMPLES),
  bundled('words', 'games with words of three to eight letters', WORD_EXAMPLES),
];

function bundled(id: string, skill: string, examples: readonly string[]): BundledModel {
  const file = fileURLToPath(new URL(`../models/${id}.gguf`, import.meta.url));
  return { id, file, skill, examples };
}
