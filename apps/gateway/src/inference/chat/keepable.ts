import type { KeptAnswer } from '../cache/index.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Finished by the model itself, or by the limit that the caller or we have set. A filter may decide otherwise next time. */
const FINISHED: ReadonlySet<unknown> = new Set(['stop', 'length']);

/** Is this whole answer worth giving again: one choice that says something in words, or vectors? */
export function isKeepable(
  route: 'chat' | 'embeddings',
  { text }: Pick<KeptAnswer, 'text'>,
): boolean {
  const answer = JSON.parse(text) as Fields;
  if (route === 'embeddings') return isFilled(answer['data']);
  const choices = answer['choices'];
  if (!Array.isArray(choices) || choices.length !== 1) return false;
  const [choice] = choices as readonly Fields[];
  const message = choice?.['message'] as Fields | undefined;
  if (message === undefined || !FINISHED.has(choice?.['finish_reason'])) return false;
  const { content, tool_calls: toolCalls, function_call: functionCall, audio } = message;
  const isText = typeof content === 'string' && content !== '';
  return isText && !isFilled(toolCalls) && functionCall == null && audio == null;
}

const isFilled = (list: unknown): boolean => Array.isArray(list) && list.length > 0;
