import type { Llama, LlamaContextSequence, LlamaModel, Token } from 'node-llama-cpp';
import { type BundledModel, CONTEXT_LENGTH } from './bundled-models.ts';
import { createTurns, type Turns } from './turns.ts';

const MAX_WAITING = 64;
/** The vocabulary is `<unk> <s> </s>` and then the 256 bytes (`recipe/gguf.py`). */
const FIRST_BYTE_TOKEN = 3;

interface Sampling {
  readonly temperature: number;
  readonly seed: number | undefined;
}

/** One loaded model. It serves one request at a time: take a turn, then evaluate. */
export interface LocalModel {
  readonly bundled: BundledModel;
  readonly turns: Turns;
  tokenize(text: string): Token[];
  /** The tokens of a question, in the form of the training. */
  promptOf(question: string): Token[];
  /** Yields token by token until the model ends its answer. */
  evaluate(prompt: Token[], sampling: Sampling): AsyncGenerator<readonly Token[]>;
}

export async function loadModel(llama: Llama, bundled: BundledModel): Promise<LocalModel> {
  const model = await llama.loadModel({ modelPath: bundled.file });
  const context = await model.createContext({ contextSize: CONTEXT_LENGTH, threads: 1 });
  const sequence = context.getSequence();
  const beginning = beginningOf(model);
  const tokenize = (text: string): Token[] => model.tokenize(text, false);
  return {
    bundled,
    turns: createTurns(MAX_WAITING),
    tokenize,
    promptOf: (question) => [beginning, ...tokenize(`user: ${question}\nassistant: `)],
    evaluate: (prompt, sampling) => evaluate(sequence, prompt, sampling),
  };
}

/** The bytes that tokens stand for; control tokens stand for none. */
export function bytesOf(tokens: readonly Token[]): Uint8Array {
  return Uint8Array.from(
    tokens.filter((token) => token >= FIRST_BYTE_TOKEN),
    (token) => token - FIRST_BYTE_TOKEN,
  );
}

function beginningOf(model: LlamaModel): Token {
  const { bos } = model.tokens;
  if (bos === null) throw new Error('impossible: our models have a beginning token');
  return bos;
}

async function* evaluate(
  sequence: LlamaContextSequence,
  prompt: Token[],
  { temperature, seed }: Sampling,
): AsyncGenerator<readonly Token[]> {
  try {
    const options = seed === undefined ? { temperature } : { temperature, seed };
    for await (const token of sequence.evaluate(prompt, options)) yield [token];
  } finally {
    // The next caller's answer must not depend on this prompt, nor memory keep it.
    await sequence.clearHistory();
  }
}
