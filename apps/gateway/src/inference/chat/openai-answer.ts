import type { Model, Provider } from '../upstreams/index.ts';
import { readUsage, type TokenUsage } from './usage.ts';

/** A whole answer in OpenAI's spelling. `text` is the upstream's own wherever its dialect is OpenAI's. */
export interface Answer {
  readonly text: string;
  readonly usage: TokenUsage | undefined;
}

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
    if (!Array.isArray((fields as Record<string, unknown>)[listName])) return undefined;
    return { text, usage: readUsage((fields as Record<string, unknown>)['usage']) };
  } catch {
    return undefined;
  }
}

/** Adds a last member to the text of a JSON object; nothing else of it changes. */
export function appendMember(objectText: string, name: string, value: object): string {
  const end = objectText.lastIndexOf('}');
  const isEmpty = objectText.slice(0, end).trimEnd().endsWith('{');
  const member = `${JSON.stringify(name)}:${JSON.stringify(value)}`;
  return `${objectText.slice(0, end)}${isEmpty ? '' : ','}${member}}`;
}
