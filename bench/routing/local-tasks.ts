import { readFeatures } from '../../apps/gateway/src/inference/routing/learning/index.ts';
import type { Row } from './data.ts';
import { pick, randomFrom, type Random } from './random.ts';

/** Right answers of the three bundled models at maths and at words, as their recipe measured them. */
const MODELS: readonly (readonly [maths: number, words: number])[] = [
  [1, 0],
  [0, 1],
  [0.905, 0.985],
];

/** Requests like the bundled models' tasks, with outcomes drawn from what those models are known to get right. */
export function localTasks(count: number, seed: number): readonly Row[] {
  const random = randomFrom(seed);
  return Array.from({ length: count }, () => {
    const isMaths = random() < 0.5;
    const text = isMaths ? mathsTask(random) : wordTask(random);
    return {
      group: isMaths ? 'maths' : 'words',
      split: undefined,
      features: readFeatures({
        text,
        hasTools: false,
        hasImages: false,
        systemChars: 0,
        turn: 1,
        maxTokens: undefined,
      }),
      chars: text.length,
      quality: MODELS.map(([maths, words]) => Number(random() < (isMaths ? maths : words))),
      usdPer1000: [],
    };
  });
}

function mathsTask(random: Random): string {
  const number = (): number => Math.floor(random() * 100);
  const [a, b] = [number(), number()];
  return pick(
    [
      `What is ${a} + ${b}?`,
      `What is ${Math.max(a, b)} - ${Math.min(a, b)}?`,
      `Which is larger, ${a} or ${b}?`,
      `Write ${a + 1} in Roman numerals.`,
    ],
    random,
  );
}

function wordTask(random: Random): string {
  const letters = Array.from('abcdefghijklmnopqrstuvwxyz');
  const length = 3 + Math.floor(random() * 6);
  const word = Array.from({ length }, () => pick(letters, random)).join('');
  return pick(
    [
      `Spell "${word}" backwards.`,
      `Write "${word}" in capital letters.`,
      `What is the last letter of "${word}"?`,
      `Sort the letters of "${word}".`,
    ],
    random,
  );
}
