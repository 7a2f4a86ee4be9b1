import { blocksOf, type Block } from './content.ts';
import { fieldsAt, invalid, listAt, textAt, type Fields } from './fields.ts';

interface Turn {
  readonly role: 'user' | 'assistant';
  readonly content: Block[];
}

export interface Conversation {
  readonly system: readonly Block[];
  readonly turns: readonly Turn[];
}

/**
 * OpenAI's messages → a system prompt and turns that alternate. Consecutive messages of one side become one turn, so the
 * results of parallel tool calls reach Anthropic together, as it demands.
 */
export function conversationOf(messages: unknown): Conversation {
  const system: Block[] = [];
  const turns: Turn[] = [];
  const say = (role: Turn['role'], blocks: readonly Block[]): void => {
    const last = turns.at(-1);
    if (blocks.length === 0) return;
    if (last?.role === role) last.content.push(...blocks);
    else turns.push({ role, content: [...blocks] });
  };
  for (const [index, entry] of listAt(messages, 'messages').entries()) {
    const param = `messages[${index}]`;
    const message = fieldsAt(entry, param);
    switch (message['role']) {
      case 'system':
      case 'developer':
        system.push(...blocksOf(message['content'], `${param}.content`));
        break;
      case 'user':
        say('user', blocksOf(message['content'], `${param}.content`));
        break;
      case 'assistant':
        say('assistant', assistantBlocks(message, param));
        break;
      case 'tool':
        say('user', [toolResult(message, param)]);
        break;
      default:
        throw invalid(`${param}.role`, 'must be system, developer, user, assistant or tool');
    }
  }
  return { system, turns };
}

/** Does the model have to go on after its own tool call? */
export function isInToolLoop({ turns }: Conversation): boolean {
  return turns.at(-1)?.content.some(({ type }) => type === 'tool_result') ?? false;
}

function assistantBlocks(message: Fields, param: string): Block[] {
  const said = blocksOf(message['content'], `${param}.content`);
  const { tool_calls: calls } = message;
  if (calls === undefined || calls === null) return said;
  const used = listAt(calls, `${param}.tool_calls`).map((call, index) =>
    toolUse(fieldsAt(call, `${param}.tool_calls[${index}]`), `${param}.tool_calls[${index}]`),
  );
  return [...said, ...used];
}

function toolUse(call: Fields, param: string): Block {
  const called = fieldsAt(call['function'], `${param}.function`);
  return {
    type: 'tool_use',
    id: textAt(call['id'], `${param}.id`),
    name: textAt(called['name'], `${param}.function.name`),
    input: inputOf(called['arguments'], `${param}.function.arguments`),
  };
}

function inputOf(text: unknown, param: string): Fields {
  if (text === undefined || text === '') return {};
  try {
    return fieldsAt(JSON.parse(textAt(text, param)), param);
  } catch {
    throw invalid(param, 'must be the JSON text of an object');
  }
}

function toolResult(message: Fields, param: string): Block {
  const content = blocksOf(message['content'], `${param}.content`);
  return {
    type: 'tool_result',
    tool_use_id: textAt(message['tool_call_id'], `${param}.tool_call_id`),
    ...(content.length > 0 ? { content } : {}),
  };
}
