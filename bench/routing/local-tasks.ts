import { readFeatures } from '../../apps/gateway/src/inference/routing/learning/index.ts';
import { drawTask } from './answered-tasks.ts';
import type { Row } from './data.ts';
import { randomFrom } from './random.ts';

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
    const { kind, question: text } = drawTask(random);
    return {
      group: kind,
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
      quality: MODELS.map(([maths, words]) =>
        Number(random() < (kind === 'maths' ? maths : words)),
      ),
      usdPer1000: [],
    };
  });
}
