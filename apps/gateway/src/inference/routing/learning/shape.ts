import {
  CAPITAL,
  CJK as CJK_SIGN,
  DIGIT,
  NEWLINE,
  OTHER_LETTER,
  SPACE,
  SYMBOL,
} from './characters.ts';
import type { Prompt } from './prompt.ts';
import type { TextCounts } from './scan-text.ts';
import { CODE, MATHS, REASON, WRITING } from './topics.ts';

/** The slots of flags and task classes, which a model may trust at once; those before are measured numbers. */
export const FIRST_FLAG = 20;

/** Sixteen numbers about the text, three about the request, two flags and the task's class. */
export function measureShape(prompt: Prompt, text: TextCounts): readonly number[] {
  return [
    1,
    ...shapeOf(text),
    Math.log1p(prompt.systemChars) / 8,
    Math.log(Math.max(1, prompt.turn)) / 3,
    prompt.maxTokens === undefined ? 0 : Math.log1p(prompt.maxTokens) / 8,
    prompt.hasTools ? 1 : 0,
    prompt.hasImages ? 1 : 0,
    ...CLASSES.map((kind) => (kind === classOf(text) ? 1 : 0)),
  ];
}

/** Centred on ordinary prose and scaled to about one, so that no number is an intercept in disguise. */
function shapeOf(text: TextCounts): readonly number[] {
  const { byTopic } = text;
  const share = (kind: number): number => (text.byKind[kind] ?? 0) / Math.max(1, text.chars);
  const topic = (index: number): number => byTopic[index] ?? 0;
  return [
    (Math.log1p(text.allChars) - 5) / 1.2,
    (share(SPACE) - 0.16) / 0.06,
    (Math.sqrt(share(DIGIT)) - 0.1) / 0.12,
    (Math.sqrt(share(CAPITAL)) - 0.15) / 0.1,
    share(CJK_SIGN) === 0 ? 0 : 0.5 + share(CJK_SIGN),
    (Math.sqrt(share(SYMBOL)) - 0.2) / 0.1,
    Math.log1p(text.byKind[NEWLINE] ?? 0) - 1,
    text.questionMarks > 0 ? 1 : 0,
    Math.min(1, topic(CODE) / 3),
    Math.min(4, text.choices) * 0.375,
    Math.log1p(text.mathsSigns + topic(MATHS)),
    text.asksForAmount ? 1 : 0,
    topic(WRITING) > 0 ? 1 : 0,
    topic(REASON) > 0 ? 1 : 0,
    text.allChars > 1_500 ? 1 : 0,
    share(OTHER_LETTER) * 5,
  ].map((value) => Math.max(-3, Math.min(3, value)));
}

const CLASSES = [
  'choices',
  'cjk-choices',
  'code',
  'maths',
  'numbers',
  'cjk',
  'writing',
  'question',
  'other',
] as const;
type TaskClass = (typeof CLASSES)[number];

/** A coarse guess, by rules of thumb: each model learns how good it is at each class of task. */
function classOf(text: TextCounts): TaskClass {
  const isCjk = (text.byKind[CJK_SIGN] ?? 0) > 0.15 * text.chars;
  if (text.choices >= 2) return isCjk ? 'cjk-choices' : 'choices';
  if (isCode(text)) return 'code';
  if (isMaths(text)) return 'maths';
  if ((text.byKind[DIGIT] ?? 0) > 0.05 * text.chars) return 'numbers';
  if (isCjk) return 'cjk';
  if ((text.byTopic[WRITING] ?? 0) > 0) return 'writing';
  return text.questionMarks > 0 ? 'question' : 'other';
}

function isCode(text: TextCounts): boolean {
  const words = text.byTopic[CODE] ?? 0;
  const isFormula = text.mathsSigns >= 3;
  return words >= 2 || (words >= 1 && text.codeSigns >= 4) || (text.codeSigns > 12 && !isFormula);
}

function isMaths(text: TextCounts): boolean {
  const words = text.byTopic[MATHS] ?? 0;
  const hasHint = text.asksForAmount || words >= 1 || text.mathsSigns >= 2;
  return words >= 2 || text.mathsSigns >= 3 || text.numbers >= 4 || (text.numbers >= 2 && hasHint);
}
