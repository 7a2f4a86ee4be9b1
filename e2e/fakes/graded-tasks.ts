/** A question that the bundled models were trained on, and the one right answer. */
export interface GradedTask {
  readonly kind: 'maths' | 'words';
  readonly question: string;
  readonly answer: string;
}

type Random = () => number;

/** As many questions of both kinds as asked for, in turn; the same for the same random numbers. */
export function gradedTasks(count: number, random: Random): readonly GradedTask[] {
  return Array.from({ length: count }, (_, at) => (at % 2 === 0 ? maths(random) : words(random)));
}

const below = (end: number, random: Random): number => Math.floor(random() * end);

function maths(random: Random): GradedTask {
  const [a, b] = [below(100, random), below(100, random)];
  const [most, least] = [Math.max(a, b), Math.min(a, b)];
  const tasks: readonly (readonly [string, string | number])[] = [
    [`What is ${a} + ${b}?`, a + b],
    [`What is ${most} - ${least}?`, most - least],
    [`Which is larger, ${a} or ${b}?`, most],
    [`Write ${a + 1} in Roman numerals.`, roman(a + 1)],
  ];
  return graded('maths', tasks, random);
}

function words(random: Random): GradedTask {
  const letters = 'abcdefghijklmnopqrstuvwxyz';
  const word = Array.from({ length: 3 + below(6, random) }, () => letters[below(26, random)]);
  const text = word.join('');
  const tasks: readonly (readonly [string, string])[] = [
    [`Spell "${text}" backwards.`, word.toReversed().join('')],
    [`Write "${text}" in capital letters.`, text.toUpperCase()],
    [`What is the last letter of "${text}"?`, text.slice(-1)],
    [`Sort the letters of "${text}".`, word.toSorted().join('')],
  ];
  return graded('words', tasks, random);
}

function graded(
  kind: GradedTask['kind'],
  tasks: readonly (readonly [string, string | number])[],
  random: Random,
): GradedTask {
  const [question, answer] = tasks[below(tasks.length, random)] ?? ['', ''];
  return { kind, question, answer: String(answer) };
}

const NUMERALS: readonly (readonly [number, string])[] = [
  [100, 'C'],
  [90, 'XC'],
  [50, 'L'],
  [40, 'XL'],
  [10, 'X'],
  [9, 'IX'],
  [5, 'V'],
  [4, 'IV'],
  [1, 'I'],
];

function roman(number: number): string {
  const [value, sign] = NUMERALS.find(([each]) => each <= number) ?? [0, ''];
  return value === 0 ? '' : sign + roman(number - value);
}
