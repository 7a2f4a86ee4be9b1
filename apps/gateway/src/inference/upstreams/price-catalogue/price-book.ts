import { priceOf, type Price } from '../../../customers/billing/index.ts';
import type { ModelDefinition } from '../definition.ts';
import type { PriceCatalogueFile } from './file.ts';

/** What is known of models by their host, and what they cost at a moment. A value: another file makes another one. */
export interface PriceBook {
  /** A dated snapshot counts as its model. Its price may be `undefined`: none has taken effect by then. */
  find(baseUrl: string, name: string, nowMs: number): ModelDefinition | undefined;
  /** Everything that is known at that host. */
  modelsAt(baseUrl: string, nowMs: number): readonly ModelDefinition[];
  /** The next moment at which any price changes by itself. */
  changesAfter(nowMs: number): number;
}

interface KnownModel {
  readonly definition: ModelDefinition;
  /** Made once: tariffs are remembered by the objects of their prices. */
  readonly prices: readonly { readonly fromMs: number; readonly price: Price }[];
}

const DATED = /-(?:\d{8}|\d{4}-\d{2}-\d{2})$/;

export function createPriceBook({ providers }: PriceCatalogueFile): PriceBook {
  const hosts = new Map(
    providers.map(({ base_url, models }) => [
      base_url,
      new Map(models.map((model) => [model.name, knownModel(model)])),
    ]),
  );
  const moments = providers
    .flatMap(({ models }) => models)
    .flatMap(({ prices }) => prices)
    .flatMap(({ effective_from: fromMs }) => fromMs ?? [])
    .toSorted((one, other) => one - other);
  return {
    find: (baseUrl, name, nowMs) => {
      const models = hosts.get(baseUrl);
      const known = models?.get(name) ?? models?.get(name.replace(DATED, ''));
      return known && definitionAt(known, nowMs);
    },
    modelsAt: (baseUrl, nowMs) =>
      Array.from(hosts.get(baseUrl)?.values() ?? [], (known) => definitionAt(known, nowMs)),
    changesAfter: (nowMs) => moments.find((ms) => ms > nowMs) ?? Infinity,
  };
}

function knownModel(model: PriceCatalogueFile['providers'][number]['models'][number]): KnownModel {
  return {
    definition: {
      name: model.name,
      contextLength: model.context_length,
      maxOutputTokens: model.max_output_tokens,
      capabilities: model.capabilities,
    },
    prices: model.prices.map(({ effective_from: fromMs = -Infinity, ...fields }) => ({
      fromMs,
      price: priceOf(fields),
    })),
  };
}

const definitionAt = ({ definition, prices }: KnownModel, nowMs: number): ModelDefinition => ({
  ...definition,
  price: prices.findLast(({ fromMs }) => fromMs <= nowMs)?.price,
});
