/** What the bundled models were trained on; `math` knows the first four, `words` the last four, `small` all of them. */
type TaskKind =
  | 'addition'
  | 'subtraction'
  | 'comparison'
  | 'roman-numerals'
  | 'backwards'
  | 'capitals'
  | 'last-letter'
  | 'sorted-letters';

interface Task {
  readonly kind: TaskKind;
  /** The question in the very words of the training (`recipe/tasks.py`). */
  readonly question: string;
}

interface TaskRow {
  readonly kind: TaskKind;
  readonly pattern: RegExp;
  /** `undefined`: the right sentence, but with numbers that the training never showed. */
  readonly question: (first: string, second: string) => string | undefined;
}

const NUMBER = '(\\d{1,2})';
const WORD = '["\'“‘]?([a-z]{3,8})["\'”’]?';

const TASKS: readonly TaskRow[] = [
  {
    kind: 'addition',
    pattern: new RegExp(`^[Ww]hat is ${NUMBER} ?\\+ ?${NUMBER} ?\\??$`),
    question: (first, second) => `What is ${Number(first)} + ${Number(second)}?`,
  },
  {
    kind: 'subtraction',
    pattern: new RegExp(`^[Ww]hat is ${NUMBER} ?[-−] ?${NUMBER} ?\\??$`),
    question: (first, second) =>
      Number(first) >= Number(second) ? `What is ${Number(first)} - ${Number(second)}?` : undefined,
  },
  {
    kind: 'comparison',
    pattern: new RegExp(`^[Ww]hich is larger, ${NUMBER} or ${NUMBER} ?\\??$`),
    question: (first, second) => `Which is larger, ${Number(first)} or ${Number(second)}?`,
  },
  {
    kind: 'roman-numerals',
    pattern: /^[Ww]rite (\d{1,3}) in [Rr]oman numerals\.?$/,
    question: (number) =>
      Number(number) >= 1 && Number(number) <= 100
        ? `Write ${Number(number)} in Roman numerals.`
        : undefined,
  },
  {
    kind: 'backwards',
    pattern: new RegExp(`^[Ss]pell ${WORD} backwards\\.?$`),
    question: (word) => `Spell "${word}" backwards.`,
  },
  {
    kind: 'capitals',
    pattern: new RegExp(`^[Ww]rite ${WORD} in capital letters\\.?$`),
    question: (word) => `Write "${word}" in capital letters.`,
  },
  {
    kind: 'last-letter',
    pattern: new RegExp(`^[Ww]hat is the last letter of ${WORD} ?\\??$`),
    question: (word) => `What is the last letter of "${word}"?`,
  },
  {
    kind: 'sorted-letters',
    pattern: new RegExp(`^[Ss]ort the letters of ${WORD}\\.?$`),
    question: (word) => `Sort the letters of "${word}".`,
  },
];

/** Recognises a task of any kind, whichever model is asked: that `math` fails at words is what routing learns from. */
export function recognizeTask(text: string): Task | undefined {
  const sentence = text.trim();
  for (const { kind, pattern, question } of TASKS) {
    const match = pattern.exec(sentence);
    const asked = match && question(match[1] ?? '', match[2] ?? '');
    if (asked) return { kind, question: asked };
  }
  return undefined;
}
