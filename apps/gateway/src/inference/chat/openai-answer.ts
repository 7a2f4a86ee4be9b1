import type { Model, Provider } from '../upstreams/index.ts';
import type { TokenUsage } from '../../customers/billing/index.ts';
import { readUsage } from './usage.ts';

/** A whole answer in OpenAI's spelling. `text` is the upstream's own wherever its dialect is OpenAI's. */
export interface Answer {
  readonly text: string;
  readonly usage: TokenUsage | undefined;
  /** It says nothing, and not because its caller has limited it: nobody pays for that. */
  readonly isFree: boolean;
  /** What the host calls the model that answered. */
  readonly answeredModel: string | undefined;
}

type Fields = Readonly<Record<string, unknown>>;

/** `undefined`: not an answer, whatever its status said. */
export function readAnswer(
  body: Buffer,
  provider: Provider,
  model: Model,
  listName: 'choices' | 'data',
): Answer | undefined {
  try {
    const received = body.toString('utf8');
    const isDialect = listName === 'choices' && provider.translateAnswer !== undefined;
    const text = isDialect ? provider.translateAnswer(received, model) : received;
    const fields: unknown = JSON.parse(text);
    if (typeof fields !== 'object' || fields === null) return undefined;
    const { model: answeredModel, usage, [listName]: list } = fields as Fields;
    if (!Array.isArray(list)) return undefined;
    return {
      text,
      usage: readUsage(usage),
      isFree: listName === 'choices' && list.every(isEmpty),
      answeredModel: typeof answeredModel === 'string' ? answeredModel : undefined,
    };
  } catch {
    return undefined;
  }
}

/** Names of an assistant's message that say something. */
const SAYING = ['content', 'refusal', 'tool_calls', 'function_call', 'audio', 'images'];

function isEmpty(choice: unknown): boolean {
  if (typeof choice !== 'object' || choice === null) return true;
  const { message, finish_reason: reason } = choice as Fields;
  if (reason === 'length') return false;
  if (typeof message !== 'object' || message === null) return true;
  return SAYING.every((name) => isNothing((message as Fields)[name]));
}

const isNothing = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === '' ||
  (Array.isArray(value) && value.length === 0);

/** Adds a last member to the text of a JSON object; nothing else of it changes. */
export function appendMember(objectText: string, name: string, value: object): string {
  const end = objectText.lastIndexOf('}');
  const isEmpty = objectText.slice(0, end).trimEnd().endsWith('{');
  const member = `${JSON.stringify(name)}:${JSON.stringify(value)}`;
  return `${objectText.slice(0, end)}${isEmpty ? '' : ','}${member}}`;
}
