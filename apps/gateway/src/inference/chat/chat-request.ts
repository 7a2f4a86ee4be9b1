import { parsePricePerMillion, parseUsd, type CacheWish, type NanoUsd } from '@sealgate/contract';
import { Refusal } from '../../platform/refusal.ts';
import { editMembers, type Capability } from '../upstreams/index.ts';
import { readAttachments, type Attachments } from './attachments.ts';
import { readCacheWish } from './cache-wish.ts';

/** A chat completion as the gateway needs it. Everything that is OpenAI's stays in `bodyText`, byte for byte. */
export interface ChatRequest {
  /** OpenAI's body: Sealgate's own fields are cut out, nothing else is touched. */
  readonly bodyText: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly isStream: boolean;
  readonly isUsageWanted: boolean;
  /** `model`, then `models[]`: tried in this order. */
  readonly modelsAsked: readonly [string, ...string[]];
  readonly maxPrice: MaxPrice;
  readonly provider: ProviderPreferences;
  readonly capabilities: ReadonlySet<Capability>;
  /** The caller's own limit for each choice. */
  readonly maxOutputTokens: number | undefined;
  /** How many answers are asked for at once. */
  readonly choiceCount: number;
  readonly attachments: Attachments;
  /** What the caller wants of the cache; `undefined`: what the key says. */
  readonly cacheWish: CacheWish | undefined;
  /** `false`: a tier shall serve with the model that it thinks best, and try nothing out. */
  readonly explores: boolean;
  /** May votes on the answer teach the router? `undefined`: the caller has not said. */
  readonly learns: boolean | undefined;
  /** What the caller calls the conversation that it belongs to. */
  readonly conversationId: string | undefined;
}

export interface MaxPrice {
  /** Pico-dollars per token. */
  readonly prompt: bigint | undefined;
  readonly completion: bigint | undefined;
  readonly total: NanoUsd | undefined;
}

export interface ProviderPreferences {
  readonly dataCollection: 'allow' | 'deny';
  readonly only: readonly string[] | undefined;
  readonly ignore: readonly string[];
}

type Fields = Readonly<Record<string, unknown>>;

const OWN_FIELDS = ['models', 'max_price', 'provider', 'explore', 'learn', 'cache'] as const;
const WITHOUT_OWN_FIELDS = Object.fromEntries(OWN_FIELDS.map((field) => [field, undefined]));
const CONVERSATION = 'conversation_id';
const MAX_MODEL_CHARACTERS = 200;
const MAX_FALLBACKS = 8;

/** Reads a chat body. Throws `Refusal('invalid_request_error')` that names the field. Hand-written: this is the hot path. */
export function readChatRequest(text: string, cacheHeader?: string): ChatRequest {
  const body = parseObject(text);
  const model = readModel(body['model'], 'model');
  const models = readModels(body['models']);
  checkMessages(body['messages']);
  const attachments = readAttachments(body['messages']);
  const isStream = readBoolean(body['stream'], 'stream') ?? false;
  const streamOptions = readOptionalObject(body['stream_options'], 'stream_options');
  return {
    bodyText: stripOwnFields(text, body),
    body,
    isStream,
    isUsageWanted: streamOptions?.['include_usage'] === true,
    modelsAsked: [model, ...models.filter((other) => other !== model)],
    maxPrice: readMaxPrice(body['max_price']),
    provider: readProvider(body['provider']),
    capabilities: capabilitiesOf(body, attachments),
    maxOutputTokens: readMaxOutputTokens(body),
    choiceCount: readTokenCount(body['n'], 'n') ?? 1,
    attachments,
    cacheWish: readCacheWish(body['cache'], cacheHeader),
    explores: readBoolean(body['explore'], 'explore') ?? true,
    learns: readBoolean(body['learn'], 'learn'),
    conversationId: readConversationId(body['metadata']),
  };
}

export function parseObject(text: string): Fields {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalid(undefined, 'The request body is not valid JSON.');
  }
  if (!isObject(value)) throw invalid(undefined, 'The request body must be a JSON object.');
  return value;
}

export function readModel(value: unknown, param: string): string {
  if (typeof value !== 'string' || value === '') {
    throw invalid(
      param,
      `${param} must be the id of a model, e.g. "nexevo/auto". GET /v1/models lists them.`,
    );
  }
  if (value.length > MAX_MODEL_CHARACTERS) {
    throw invalid(param, `${param} must not be longer than ${MAX_MODEL_CHARACTERS} characters.`);
  }
  return value;
}

function stripOwnFields(text: string, body: Fields): string {
  const isPresent = OWN_FIELDS.some((field) => Object.hasOwn(body, field));
  const stripped = isPresent ? editMembers(text, WITHOUT_OWN_FIELDS) : text;
  const { metadata } = body;
  if (!isObject(metadata) || !Object.hasOwn(metadata, CONVERSATION)) return stripped;
  return editMembers(stripped, { metadata: withoutConversation });
}

/** Providers know nothing of our conversations, and some refuse `metadata` of an answer that they are not to store. */
function withoutConversation(metadata = '{}'): string | undefined {
  const others = editMembers(metadata, { [CONVERSATION]: undefined });
  return others === '{}' ? undefined : others;
}

function readConversationId(metadata: unknown): string | undefined {
  const id = isObject(metadata) ? metadata[CONVERSATION] : undefined;
  return typeof id === 'string' && id !== '' ? id : undefined;
}

function readModels(value: unknown): readonly string[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value) || value.length > MAX_FALLBACKS) {
    throw invalid('models', `models must be a list of at most ${MAX_FALLBACKS} model ids.`);
  }
  return value.map((model, index) => readModel(model, `models[${index}]`));
}

function checkMessages(value: unknown): void {
  if (!Array.isArray(value) || value.length === 0) {
    throw invalid('messages', 'messages must be a list with at least one message.');
  }
  for (const [index, message] of value.entries()) {
    if (!isObject(message) || typeof message['role'] !== 'string') {
      throw invalid(
        `messages[${index}]`,
        `messages[${index}] must be an object with a role and content.`,
      );
    }
  }
}

function readMaxPrice(value: unknown): MaxPrice {
  const fields = readOptionalObject(value, 'max_price');
  const read = <T>(name: string, parse: (text: string) => T | undefined): T | undefined => {
    const price = fields?.[name];
    if (price === undefined || price === null) return undefined;
    const isText = typeof price === 'string' || typeof price === 'number';
    const parsed = isText ? parse(String(price)) : undefined;
    if (parsed === undefined) {
      throw invalid(
        `max_price.${name}`,
        `max_price.${name} must be a decimal dollar amount such as "0.50".`,
      );
    }
    return parsed;
  };
  return {
    prompt: read('prompt', parsePricePerMillion),
    completion: read('completion', parsePricePerMillion),
    total: read('total', parseUsd),
  };
}

function readProvider(value: unknown): ProviderPreferences {
  const fields = readOptionalObject(value, 'provider');
  const dataCollection = fields?.['data_collection'] ?? 'allow';
  if (dataCollection !== 'allow' && dataCollection !== 'deny') {
    throw invalid(
      'provider.data_collection',
      'provider.data_collection must be "allow" or "deny".',
    );
  }
  return {
    dataCollection,
    only: readNames(fields?.['only'], 'provider.only'),
    ignore: readNames(fields?.['ignore'], 'provider.ignore') ?? [],
  };
}

function readNames(value: unknown, param: string): readonly string[] | undefined {
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value) || !value.every((name) => typeof name === 'string')) {
    throw invalid(param, `${param} must be a list of upstream names.`);
  }
  return value;
}

/** What the body uses and a model must therefore be able to do. */
function capabilitiesOf(body: Fields, { imageCount }: Attachments): ReadonlySet<Capability> {
  const needed = new Set<Capability>(['chat']);
  if (Array.isArray(body['tools']) && body['tools'].length > 0) needed.add('tools');
  const format = body['response_format'];
  if (isObject(format) && format['type'] !== 'text') needed.add('structured-output');
  if (imageCount > 0) needed.add('vision');
  return needed;
}

/** Both names are passed on, and hosts differ in which one they obey. */
function readMaxOutputTokens(body: Fields): number | undefined {
  const older = readTokenCount(body['max_tokens'], 'max_tokens');
  const newer = readTokenCount(body['max_completion_tokens'], 'max_completion_tokens');
  if (older === undefined || newer === undefined) return newer ?? older;
  return Math.max(older, newer);
}

function readTokenCount(value: unknown, param: string): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 1) {
    throw invalid(param, `${param} must be a whole number above 0.`);
  }
  return value;
}

function readBoolean(value: unknown, param: string): boolean | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'boolean') throw invalid(param, `${param} must be true or false.`);
  return value;
}

function readOptionalObject(value: unknown, param: string): Fields | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isObject(value)) throw invalid(param, `${param} must be an object.`);
  return value;
}

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const invalid = (param: string | undefined, message: string): Refusal =>
  new Refusal('invalid_request_error', { param, message });
