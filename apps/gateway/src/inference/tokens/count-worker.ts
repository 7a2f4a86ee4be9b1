import { parentPort } from 'node:worker_threads';
import { countAnswer, countInput, countTokens } from './count-tokens.ts';

/** What the counter asks its thread. */
export interface CountTask {
  readonly id: number;
  readonly kind: 'text' | 'input' | 'answer';
  readonly text: string;
}

export interface CountResult {
  readonly id: number;
  /** `undefined`: it is no such thing. */
  readonly tokens: number | undefined;
}

const COUNT = { text: countTokens, input: countInput, answer: countAnswer } as const;

function resultOf({ id, kind, text }: CountTask): CountResult {
  try {
    return { id, tokens: COUNT[kind](text) };
  } catch {
    return { id, tokens: undefined };
  }
}

parentPort?.on('message', (task: CountTask) => parentPort?.postMessage(resultOf(task)));
