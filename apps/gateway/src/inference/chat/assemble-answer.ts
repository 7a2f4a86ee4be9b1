import { setImmediate as nextTurn } from 'node:timers/promises';
import type { MeasuredUsage } from './measure-usage.ts';

type Fields = Readonly<Record<string, unknown>>;

/** What a model says in pieces of text. */
const TEXTS = ['content', 'reasoning_content', 'reasoning', 'refusal'] as const;
/** Others get a turn after so many frames: that is less than a millisecond. */
const FRAMES_PER_TURN = 100;

/**
 * The whole answer that a stream was, from the frames that went to its caller. `undefined`: it had something that is no text,
 * or more than one choice.
 */
export async function assembleAnswer(
  frames: Buffer,
  measured: MeasuredUsage,
): Promise<string | undefined> {
  const assembly = new Assembly();
  let count = 0;
  for (const line of linesOf(frames)) {
    if (!line.startsWith('data:') || line.endsWith('[DONE]')) continue;
    const chunk = parse(line.slice('data:'.length));
    if (chunk === undefined || !assembly.add(chunk)) return undefined;
    count += 1;
    if (count % FRAMES_PER_TURN === 0) await nextTurn();
  }
  return assembly.print(measured);
}

/** Frames without news went by unread. */
function parse(text: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Fields) : undefined;
  } catch {
    return undefined;
  }
}

function* linesOf(frames: Buffer): Generator<string> {
  let start = 0;
  while (start < frames.length) {
    const found = frames.indexOf('\n', start);
    const end = found === -1 ? frames.length : found;
    yield frames.toString('utf8', start, end).trim();
    start = end + 1;
  }
}

class Assembly {
  #common: Fields | undefined;
  readonly #said = new Map<string, string>();
  #reason: unknown;

  /** `false`: this cannot be put together. */
  add(chunk: Fields): boolean {
    const { choices, usage: _usage, nexevo: _nexevo, object: _object, ...common } = chunk;
    this.#common ??= common;
    if (!Array.isArray(choices) || choices.length === 0) return true;
    const [choice] = choices as readonly Fields[];
    if (choices.length > 1 || choice === undefined || (choice['index'] ?? 0) !== 0) return false;
    const { index: _index, delta, finish_reason: reason, ...rest } = choice;
    if (Object.values(rest).some(isSomething)) return false;
    if (isSomething(reason)) this.#reason = reason;
    return this.#addDelta((delta ?? {}) as Fields);
  }

  #addDelta({ role: _role, ...delta }: Fields): boolean {
    for (const name of TEXTS) {
      const piece = delta[name];
      if (typeof piece === 'string') this.#said.set(name, (this.#said.get(name) ?? '') + piece);
    }
    const isText = (name: string): boolean => (TEXTS as readonly string[]).includes(name);
    return Object.entries(delta).every(([name, value]) =>
      isText(name) ? typeof value === 'string' || value === null : !isSomething(value),
    );
  }

  print({ usage, usageSource }: MeasuredUsage): string | undefined {
    if (this.#common === undefined) return undefined;
    const message = { role: 'assistant', content: null, ...Object.fromEntries(this.#said) };
    return JSON.stringify({
      ...this.#common,
      object: 'chat.completion',
      choices: [{ index: 0, message, finish_reason: this.#reason ?? null }],
      // Our own count is no part of what the upstream has said.
      ...(usageSource === 'upstream' && {
        usage: {
          prompt_tokens: usage.input,
          completion_tokens: usage.output,
          total_tokens: usage.input + usage.output,
          prompt_tokens_details: { cached_tokens: usage.cachedInput },
          completion_tokens_details: { reasoning_tokens: usage.reasoning },
        },
      }),
    });
  }
}

const isSomething = (value: unknown): boolean =>
  value !== undefined &&
  value !== null &&
  value !== '' &&
  !(Array.isArray(value) && value.length === 0);
