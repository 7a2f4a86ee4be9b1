import { parsePricePerMillion, type PicoUsdPerToken } from '@sealgate/contract';
import { completePrice, type Price } from '../../customers/billing/index.ts';
import type { ModelDefinition } from './definition.ts';
import type { Capability, ProviderKind, Upstream, UpstreamKey } from './model.ts';
import { withKey, type Provider } from './provider.ts';
import type { ExchangeSink, Transport } from './transport.ts';

export interface ListingServices {
  readonly transport: Transport;
  readonly providers: Readonly<Record<ProviderKind, Provider>>;
}

const MAX_LIST_BYTES = 16 * 1024 * 1024;

/** The models that an upstream says it has; `undefined`: it could not be asked, or answered something else. */
export async function listModels(
  services: ListingServices,
  upstream: Upstream,
): Promise<ModelDefinition[] | undefined> {
  // One key may have been withdrawn.
  for (const key of upstream.keys?.length ? upstream.keys : [undefined]) {
    const answer = await askForList(services, upstream, { key });
    const models = answer?.status === 200 ? readModelList(answer.text) : undefined;
    if (models) return models;
  }
  return undefined;
}

/** What can be said of a model by its name alone. */
export function definitionByName(upstream: Upstream, name: string): ModelDefinition {
  // Only OpenAI's dialect has words for embeddings.
  return { name, capabilities: upstream.kind === 'openai' ? capabilitiesIn(name, {}) : undefined };
}

/** What the upstream answers when it is asked for its models; `undefined`: nothing, or far too much. */
export function askForList(
  services: ListingServices,
  upstream: Upstream,
  asked: {
    readonly key: UpstreamKey | undefined;
    /** Instead of that of the list. */
    readonly path?: string | undefined;
    readonly mostMs?: number;
  },
): Promise<{ readonly status: number; readonly text: string } | undefined> {
  const provider = services.providers[upstream.kind];
  const listing = provider.models(upstream);
  const request = withKey({ ...listing, path: asked.path ?? listing.path }, provider, asked.key);
  const pieces: Buffer[] = [];
  let size = 0;
  return new Promise((resolve) => {
    let status = 0;
    const sink: ExchangeSink = {
      onHead: (answered) => {
        status = answered;
      },
      onData: (piece) => {
        size += piece.length;
        if (size <= MAX_LIST_BYTES) pieces.push(piece);
        else {
          exchange.abort();
          resolve(undefined);
        }
        return true;
      },
      onEnd: () => resolve({ status, text: Buffer.concat(pieces).toString('utf8') }),
      onFailure: () => resolve(undefined),
    };
    const exchange = services.transport.send(upstream, request, sink, asked.mostMs);
  });
}

type Fields = Readonly<Record<string, unknown>>;

/** `{data: […]}` as OpenAI has it, or a bare list; `undefined` for anything else. */
export function readModelList(text: string): ModelDefinition[] | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return undefined;
  }
  const list = Array.isArray(parsed) ? parsed : fieldsOf(parsed)['data'];
  if (!Array.isArray(list)) return undefined;
  return list.map(fieldsOf).flatMap((entry) => {
    const { id } = entry;
    return typeof id === 'string' && id !== '' && !NO_CHAT.test(id)
      ? [definitionOf(id, entry)]
      : [];
  });
}

/** Hosts list what neither chats nor embeds, too. */
const NO_CHAT =
  /whisper|tts|dall-e|imagen|image|audio|realtime|moderation|transcribe|sora|veo|rerank|ocr|speech|video|-live/i;

function definitionOf(id: string, entry: Fields): ModelDefinition {
  return {
    // Gemini writes `models/gemini-…` and takes both.
    name: id.replace(/^models\//, ''),
    price: priceIn(fieldsOf(entry['pricing'])),
    contextLength: firstCount(entry, [
      'context_length',
      'context_window',
      'max_context_length',
      'max_model_len',
      'max_input_tokens',
    ]),
    maxOutputTokens:
      firstCount(entry, ['max_completion_tokens', 'max_tokens']) ??
      firstCount(fieldsOf(entry['top_provider']), ['max_completion_tokens']),
    capabilities: capabilitiesIn(id, entry),
  };
}

function capabilitiesIn(id: string, entry: Fields): Capability[] | undefined {
  if (/embed|bge-|e5-/i.test(id)) return ['embeddings'];
  const { supported_parameters: parameters, architecture } = entry;
  if (!Array.isArray(parameters)) return undefined;
  const inputs = fieldsOf(architecture)['input_modalities'];
  return [
    'chat',
    ...(parameters.includes('tools') ? (['tools'] as const) : []),
    ...(parameters.includes('structured_outputs') ? (['structured-output'] as const) : []),
    ...(Array.isArray(inputs) && inputs.includes('image') ? (['vision'] as const) : []),
  ];
}

/** OpenRouter's: dollars per token as decimal text. */
function priceIn(pricing: Fields): Price | undefined {
  const input = perMillion(pricing['prompt']);
  const output = perMillion(pricing['completion']);
  if (input === undefined || output === undefined) return undefined;
  const read = (name: string, field: keyof Price): Partial<Price> => {
    const price = perMillion(pricing[name]);
    return price === undefined ? {} : { [field]: price };
  };
  return completePrice({
    input,
    output,
    ...read('input_cache_read', 'cachedInput'),
    ...read('input_cache_write', 'cacheWrite'),
    ...read('internal_reasoning', 'reasoning'),
  });
}

/** Moves the point six places, as text: `"0.0000015"` → `"1.5"`. */
function perMillion(perToken: unknown): PicoUsdPerToken | undefined {
  const [, whole = '', fraction = ''] =
    typeof perToken === 'string' ? (/^(\d{1,6})(?:\.(\d+))?$/.exec(perToken) ?? []) : [];
  if (whole === '') return undefined;
  const digits = fraction.padEnd(6, '0');
  const rest = digits.slice(6).replace(/0+$/, '');
  return parsePricePerMillion(`${whole}${digits.slice(0, 6)}${rest === '' ? '' : `.${rest}`}`);
}

function firstCount(entry: Fields, names: readonly string[]): number | undefined {
  return names
    .map((name) => entry[name])
    .find((value): value is number => Number.isSafeInteger(value) && Number(value) > 0);
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}
