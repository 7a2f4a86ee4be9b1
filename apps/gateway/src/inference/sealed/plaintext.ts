import { BINDING_FIELDS } from '@sealgate/protocol';
import { Refusal } from '../../platform/refusal.ts';

export type Fields = Readonly<Record<string, unknown>>;

/** Deeper than any tool schema; deep nesting costs JSON parsers far more memory than text. */
const MAX_DEPTH = 128;

/** Fields for us, or for the client library alone: no upstream sees them. A sealed answer is always whole. */
const OWN_FIELDS: ReadonlySet<string> = new Set([
  ...BINDING_FIELDS,
  'security_tier',
  'api_key',
  'base_url',
  'stream',
  'stream_options',
]);

/** Reads the decrypted request. Its refusals name fields and never quote what is in them: they travel unencrypted. */
export function parsePlaintext(bytes: Uint8Array): Fields {
  const fields = isTooDeep(bytes) ? undefined : parseObject(bytes);
  if (!fields) throw invalid('The sealed request must contain one JSON object.');
  const { model, messages } = fields;
  if (typeof model !== 'string' || model === '') throw invalid('model must be a string.', 'model');
  if (!Array.isArray(messages)) throw invalid('messages must be an array.', 'messages');
  return fields;
}

/** What the chat gate and upstreams get to see. */
export function withoutOwnFields(fields: Fields): Fields {
  const kept = Object.entries(fields).filter(([name]) => !OWN_FIELDS.has(name));
  return { ...Object.fromEntries(kept), stream: false };
}

function parseObject(bytes: Uint8Array): Fields | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as Fields) : undefined;
  } catch {
    return undefined;
  }
}

const [QUOTE = 0, BACKSLASH = 0, ...BRACKETS] = new TextEncoder().encode('"\\[{]}');
const DEPTH_CHANGE = new Int8Array(256);
BRACKETS.forEach((bracket, index) => {
  DEPTH_CHANGE[bracket] = index < 2 ? 1 : -1;
});

function isTooDeep(bytes: Uint8Array): boolean {
  let depth = 0;
  let isInText = false;
  for (let index = 0; index < bytes.length; index += 1) {
    const byte = bytes[index] ?? 0;
    if (byte === QUOTE) isInText = !isInText;
    else if (isInText) index += byte === BACKSLASH ? 1 : 0;
    else depth += DEPTH_CHANGE[byte] ?? 0;
    if (depth > MAX_DEPTH) return true;
  }
  return false;
}

function invalid(message: string, param?: string): Refusal {
  return new Refusal('invalid_request_error', { message, param });
}
