import type { StreamTranslator } from '../../provider.ts';
import { withoutPrivateParts } from '../error-message.ts';
import { finishReasonOf, usageOf } from './answer-parts.ts';
import type { Fields } from './fields.ts';
import { EventReader } from './server-sent-events.ts';

/** Anthropic's message stream → OpenAI's `chat.completion.chunk` frames, usage last, then `[DONE]`. */
export class ChunkStream implements StreamTranslator {
  readonly #events = new EventReader();
  readonly #createdAtSeconds: number;
  #head: Fields = {};
  #usage: Fields = {};
  #toolCalls = 0;
  #awaitsArguments = false;
  #state: 'open' | 'complete' | 'failed' = 'open';

  constructor(createdAtSeconds: number) {
    this.#createdAtSeconds = createdAtSeconds;
  }

  push(chunk: Buffer): Buffer {
    const frames = this.#events.read(chunk).map((event) => this.#translate(event));
    return Buffer.from(frames.join(''));
  }

  end(): Buffer {
    if (this.#state === 'open') throw new Error('the stream ended before message_stop');
    return Buffer.alloc(0);
  }

  #translate(text: string): string {
    if (this.#state !== 'open') return '';
    const event = JSON.parse(text) as Fields;
    switch (event['type']) {
      case 'message_start':
        return this.#start(fields(event['message']));
      case 'content_block_start':
        return this.#startBlock(fields(event['content_block']));
      case 'content_block_delta':
        return this.#continueBlock(fields(event['delta']));
      case 'content_block_stop':
        // A tool without parameters gets no arguments here; OpenAI's clients parse them all the same.
        return this.#awaitsArguments ? this.#arguments('{}') : '';
      case 'message_delta':
        this.#usage = { ...this.#usage, ...withoutNull(fields(event['usage'])) };
        return this.#finish(fields(event['delta'])['stop_reason']);
      case 'message_stop':
        this.#state = 'complete';
        return `${this.#frame([], usageOf(this.#usage))}data: [DONE]\n\n`;
      case 'error':
        this.#state = 'failed';
        return errorFrame(fields(event['error']));
      default:
        // `ping` and what Anthropic may add later.
        return '';
    }
  }

  #start(message: Fields): string {
    this.#head = {
      id: message['id'],
      object: 'chat.completion.chunk',
      created: this.#createdAtSeconds,
      model: message['model'],
    };
    this.#usage = withoutNull(fields(message['usage']));
    return this.#delta({ role: 'assistant', content: '' });
  }

  #startBlock(block: Fields): string {
    switch (block['type']) {
      case 'text':
        return this.#text('content', block['text']);
      case 'thinking':
        return this.#text('reasoning_content', block['thinking']);
      case 'tool_use': {
        const { id, name } = block;
        const index = this.#toolCalls;
        this.#toolCalls += 1;
        this.#awaitsArguments = true;
        const call = { index, id, type: 'function', function: { name, arguments: '' } };
        return this.#delta({ tool_calls: [call] });
      }
      default:
        return '';
    }
  }

  #continueBlock(delta: Fields): string {
    switch (delta['type']) {
      case 'text_delta':
        return this.#text('content', delta['text']);
      case 'thinking_delta':
        return this.#text('reasoning_content', delta['thinking']);
      case 'input_json_delta':
        return this.#arguments(delta['partial_json']);
      default:
        return '';
    }
  }

  #text(field: 'content' | 'reasoning_content', text: unknown): string {
    return typeof text === 'string' && text !== '' ? this.#delta({ [field]: text }) : '';
  }

  /** Blocks never overlap, so the arguments belong to the latest call. */
  #arguments(piece: unknown): string {
    if (typeof piece !== 'string' || piece === '' || this.#toolCalls === 0) return '';
    this.#awaitsArguments = false;
    return this.#delta({
      tool_calls: [{ index: this.#toolCalls - 1, function: { arguments: piece } }],
    });
  }

  #finish(stopReason: unknown): string {
    if (typeof stopReason !== 'string') return '';
    return this.#frame([{ index: 0, delta: {}, finish_reason: finishReasonOf(stopReason) }]);
  }

  #delta(delta: Fields): string {
    return this.#frame([{ index: 0, delta, finish_reason: null }]);
  }

  #frame(choices: readonly Fields[], usage?: Fields): string {
    const frame = { ...this.#head, choices, ...(usage ? { usage } : {}) };
    return `data: ${JSON.stringify(frame)}\n\n`;
  }
}

function errorFrame(error: Fields): string {
  const { message } = error;
  const shown = typeof message === 'string' ? withoutPrivateParts(message) : 'The stream broke.';
  const body = { message: shown, type: 'upstream_error', param: null, code: 'upstream_error' };
  return `data: ${JSON.stringify({ error: body })}\n\n`;
}

const fields = (value: unknown): Fields =>
  typeof value === 'object' && value !== null ? (value as Fields) : {};

/** A later `null` must not erase a count that was given before. */
function withoutNull(usage: Fields): Fields {
  return Object.fromEntries(Object.entries(usage).filter(([, value]) => value !== null));
}
