import type { Token } from 'node-llama-cpp';
import { bytesOf } from './model.ts';
import { createStopFilter } from './stop-filter.ts';

export interface Ending {
  readonly finishReason: 'stop' | 'length';
  readonly completionTokens: number;
}

export interface Limits {
  readonly maxTokens: number;
  readonly stops: readonly string[];
  readonly signal: AbortSignal;
}

/** Turns pieces of tokens into text until they end, a limit is reached or the caller has left. */
export async function complete(
  pieces: AsyncIterable<readonly Token[]> | Iterable<readonly Token[]>,
  { maxTokens, stops, signal }: Limits,
  onText: (text: string) => void,
): Promise<Ending> {
  const decoder = new TextDecoder();
  const stopFilter = createStopFilter(stops);
  let completionTokens = 0;
  let finishReason: Ending['finishReason'] = 'stop';

  for await (const piece of pieces) {
    signal.throwIfAborted();
    const kept = piece.slice(0, maxTokens - completionTokens);
    completionTokens += kept.length;
    const { text, isStopped } = stopFilter.push(decoder.decode(bytesOf(kept), { stream: true }));
    if (text) onText(text);
    if (isStopped) return { finishReason, completionTokens };
    if (completionTokens === maxTokens) {
      finishReason = 'length';
      break;
    }
  }
  const { text, isStopped } = stopFilter.push(decoder.decode());
  const rest = isStopped ? text : text + stopFilter.rest();
  if (rest) onText(rest);
  return { finishReason, completionTokens };
}
