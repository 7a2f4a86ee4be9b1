import { pick, type Random } from './random.ts';

/** A question that the bundled models were trained on, with the right answer (`apps/local-models/recipe/tasks.py`). */
export interface AnsweredTask {
  readonly kind: 'maths' | 'words';
  readonly question: string;
  readonly answer: string;
}

export function drawTask(random: Random): AnsweredTask {
  return random() < 0.5
    ? { kind: 'maths', ...mathsTask(random) }
    : { kind: 'words', ...wordTask(random) };
}

type Answered = Omit<AnsweredTask, 'kind'>;

function mathsTask(random: Random): Answered {
  const number = (): number => Math.floor(random() * 100);
  const [a, b] = [number(), number()];
  const [least, most] = [Math.min(a, b), Math.max(a, b)];
  return pick<Answered>(
    [
      { question: `What is ${a} + ${b}?`, answer: String(a + b) },
      { question: `What is ${most} - ${least}?`, answer: String(most - least) },
      { question: `Which is larger, ${a} or ${b}?`, answer: String(most) },
      { question: `Write ${a + 1} in Roman numerals.`, answer: roman(a + 1) },
    ],
    random,
  );
}

function wordTask(random: Random): Answered {
  const letters = Array.from('abcdefghijklmnopqrstuvwxyz');
  const length = 3 + Math.floor(random() * 6);
  const word = Array.from({ length }, () => pick(letters, random));
  const text = word.join('');
  return pick<Answered>(
    [
      { question: `Spell "${text}" backwards.`, answer: word.toReversed().join('') },
      { question: `Write "${text}" in capital letters.`, answer: text.toUpperCase() },
      { question: `What is the last letter of "${text}"?`, answer: text.slice(-1) },
      { question: `Sort the letters of "${text}".`, answer: word.toSorted().join('') },
    ],
    random,
  );
}

const ROMAN_DIGITS = Object.entries({
  C: 100,
  XC: 90,
  L: 50,
  XL: 40,
  X: 10,
  IX: 9,
  V: 5,
  IV: 4,
  I: 1,
});

function roman(number: number): string {
  let rest = number;
  let numerals = '';
  for (const [digits, value] of ROMAN_DIGITS) {
    while (rest >= value) {
      numerals += digits;
      rest -= value;
    }
  }
  return numerals;
}
