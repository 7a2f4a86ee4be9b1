import { parsePricePerMillion, type PicoUsdPerToken } from '@sealgate/contract';
import { completePrice } from '../../customers/billing/index.ts';
import type { ModelDefinition } from './definition.ts';
import type { Capability } from './model.ts';

/**
 * Public list prices (USD per million tokens) of common models, as read in November 2026. Prices change: an operator's
 * `sealgate.yaml` wins. Where the list price rises with the length of the prompt, `contextLength` ends where it rises;
 * where it varies with the hour or a promotion, the highest is taken; so that nothing is sold below cost.
 */
export const KNOWN_MODELS: Readonly<Record<string, readonly ModelDefinition[]>> = {
  'https://api.openai.com/v1': [
    model('gpt-6-luna', '0.10 / 0.01 / 0.50', [272_000, 128_000]),
    model('gpt-6.1-terra', '1.00 / 0.05 / 5.00', [272_000, 128_000]),
    model('gpt-6.1-sol', '2.00 / 0.10 / 10.00', [272_000, 128_000]),
    model('gpt-5.6-luna', '0.20 / 0.02 / 1.20', [272_000, 128_000]),
    model('gpt-5-nano', '0.05 / 0.005 / 0.40', [272_000, 128_000]),
    embedding('text-embedding-3-small', '0.02', 8_191),
    embedding('text-embedding-3-large', '0.13', 8_191),
  ],
  'https://api.anthropic.com/v1': [
    model('claude-haiku-5-5', '0.10 / 0.01 / 0.50', [100_000, 128_000]),
    model('claude-sonnet-5-5', '2.00 / 0.10 / 10.00', [1_000_000, 128_000]),
    model('claude-opus-5-5', '4.00 / 0.20 / 20.00', [1_000_000, 128_000]),
    model('claude-fable-5-1', '10.00 / 0.25 / 50.00', [1_000_000, 128_000]),
    model('claude-opus-5', '5.00 / 0.50 / 25.00', [1_000_000, 128_000]),
    model('claude-sonnet-5', '2.00 / 0.20 / 10.00', [1_000_000, 128_000]),
    model('claude-haiku-4-5', '1.00 / 0.10 / 5.00', [200_000, 64_000]),
  ],
  'https://generativelanguage.googleapis.com/v1beta/openai': [
    model('gemini-3.8-flash', '1.50 / 0.15 / 7.50', [1_000_000, 65_536]),
    model('gemini-3.5-flash', '1.50 / 0.15 / 9.00', [1_000_000, 64_000]),
  ],
  'https://api.mistral.ai/v1': [
    model('mistral-medium-3.5', '1.50 / 1.50 / 7.50', [262_144, 256_000]),
    model('codestral-latest', '0.30 / 0.30 / 0.90', [256_000, undefined], ['chat', 'tools']),
    embedding('mistral-embed', '0.10', 8_000),
  ],
  'https://api.deepseek.com/v1': [
    model('deepseek-flash', '0.30 / 0.006 / 1.20', [1_000_000, undefined]),
    model('deepseek-v4-pro', '1.32 / 0.044 / 3.96', [1_000_000, undefined]),
  ],
  'https://api.groq.com/openai/v1': [
    model('openai/gpt-oss-120b', '0.15 / 0.15 / 0.60', [131_072, 65_536], withoutVision()),
    model('openai/gpt-oss-20b', '0.075 / 0.075 / 0.30', [131_072, 65_536], withoutVision()),
    model('llama-3.3-70b-versatile', '0.59 / 0.59 / 0.79', [131_072, 32_768], ['chat', 'tools']),
    model('llama-3.1-8b-instant', '0.05 / 0.05 / 0.08', [131_072, 131_072], ['chat', 'tools']),
  ],
};

const DATED = /-(?:\d{8}|\d{4}-\d{2}-\d{2})$/;

/** Looks a model up by its host and name; a dated snapshot counts as its model. */
export function knownModel(baseUrl: string, name: string): ModelDefinition | undefined {
  const models = KNOWN_MODELS[baseUrl];
  const undated = name.replace(DATED, '');
  return models?.find((known) => known.name === name || known.name === undated);
}

function withoutVision(): Capability[] {
  return ['chat', 'tools', 'structured-output'];
}

function model(
  name: string,
  prices: string,
  [contextLength, maxOutputTokens]: readonly [number, number | undefined],
  capabilities: readonly Capability[] = [...withoutVision(), 'vision'],
): ModelDefinition {
  const [input = '', cachedInput = '', output = ''] = prices.split(' / ');
  const price = completePrice({
    input: usd(input),
    cachedInput: usd(cachedInput),
    output: usd(output),
  });
  return { name, price, contextLength, maxOutputTokens, capabilities };
}

function embedding(name: string, input: string, contextLength: number): ModelDefinition {
  return model(name, `${input} / ${input} / 0`, [contextLength, undefined], ['embeddings']);
}

function usd(text: string): PicoUsdPerToken {
  const price = parsePricePerMillion(text);
  if (price === undefined) throw new Error(`impossible: ${text} is no price`);
  return price;
}
