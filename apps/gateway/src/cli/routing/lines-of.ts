import type { Input } from '../surroundings.ts';

/** The longest line with hashed words has some ten thousand characters. */
const MOST_CHARACTERS = 1_000_000;

/** Who exports nothing like it would fill the memory with it. */
export class LineTooLong extends Error {
  override readonly name = 'LineTooLong';
  readonly line: number;

  constructor(line: number) {
    super(`is longer than ${MOST_CHARACTERS} characters`);
    this.line = line;
  }
}

/** Lines as they come, without their ends. */
export async function* linesOf(input: Input): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  let count = 0;
  for await (const chunk of input) {
    const text = typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true });
    const lines = `${rest}${text}`.split('\n');
    rest = lines.pop() ?? '';
    count += lines.length;
    yield* lines;
    if (rest.length > MOST_CHARACTERS) throw new LineTooLong(count + 1);
  }
  rest += decoder.decode();
  if (rest !== '') yield rest;
}
