import { finishReasonOf, usageOf } from './answer-parts.ts';
import type { Fields } from './fields.ts';

/** Anthropic's message → OpenAI's `chat.completion`, as JSON text. Throws on what is not a message. */
export function chatCompletion(text: string, createdAtSeconds: number): string {
  const message = JSON.parse(text) as Fields;
  const { content, type } = message;
  if (type !== 'message' || !Array.isArray(content)) throw new Error('not an Anthropic message');
  const blocks = content as readonly Fields[];
  const calls = blocks.filter((block) => block['type'] === 'tool_use').map(toolCall);
  const said = joined(blocks, 'text', 'text');
  const thought = joined(blocks, 'thinking', 'thinking');
  return JSON.stringify({
    id: message['id'],
    object: 'chat.completion',
    created: createdAtSeconds,
    model: message['model'],
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: said === '' && calls.length > 0 ? null : said,
          refusal: null,
          ...(thought === '' ? {} : { reasoning_content: thought }),
          ...(calls.length > 0 ? { tool_calls: calls } : {}),
        },
        logprobs: null,
        finish_reason: finishReasonOf(message['stop_reason']),
      },
    ],
    usage: usageOf((message['usage'] ?? {}) as Fields),
  });
}

function joined(blocks: readonly Fields[], type: string, field: string): string {
  return blocks
    .filter((block) => block['type'] === type)
    .map((block) => block[field])
    .filter((piece) => typeof piece === 'string')
    .join('');
}

function toolCall({ id, name, input }: Fields): Fields {
  return { id, type: 'function', function: { name, arguments: JSON.stringify(input ?? {}) } };
}
