import type { Embedder } from './embedder.ts';
import { similarityOf } from './vector.ts';

const MAX_CHARACTERS = 1_000;

/** How alike two answers are in what they say. `undefined`: it cannot be told. */
export async function compareAnswers(
  embedder: Embedder,
  answers: readonly [string, string],
  mayGoTo: Parameters<Embedder['embed']>[1],
): Promise<number | undefined> {
  const [one, other] = answers.map(saidIn);
  if (one === undefined || other === undefined) return undefined;
  if (one === other) return 1;
  const vectors = await Promise.all([one, other].map((text) => embedder.embed(text, mayGoTo)));
  const [first, second] = vectors;
  return first && second && similarityOf(first, second);
}

function saidIn(answer: string): string | undefined {
  const fields = JSON.parse(answer) as {
    readonly choices?: readonly [{ readonly message?: { readonly content?: unknown } }];
  };
  const content = fields.choices?.[0].message?.content;
  return typeof content === 'string' ? content.slice(0, MAX_CHARACTERS) : undefined;
}
