import type { Prompt } from './prompt.ts';

/** A plain request with nothing but text. */
export const promptOf = (text: string): Prompt => ({
  text,
  hasTools: false,
  hasImages: false,
  systemChars: 0,
  turn: 1,
  maxTokens: undefined,
});
