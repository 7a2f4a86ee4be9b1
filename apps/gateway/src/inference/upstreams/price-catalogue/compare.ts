import { priceOf, printPrice } from '../../../customers/billing/index.ts';
import type { PriceCatalogueFile } from './file.ts';

/** What another catalogue has changed. Each text names a model, its host and what is asked for it. */
export interface CatalogueChanges {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
}

type Model = PriceCatalogueFile['providers'][number]['models'][number];

export function compareCatalogues(
  before: PriceCatalogueFile,
  after: PriceCatalogueFile,
): CatalogueChanges {
  const [old, now] = [modelsIn(before), modelsIn(after)];
  const added = [...now].filter(([name]) => !old.has(name));
  const removed = [...old].filter(([name]) => !now.has(name));
  const changed = [...now].flatMap(([name, model]) => {
    const earlier = old.get(name);
    if (earlier === undefined || isSame(earlier, model)) return [];
    return `${name}: ${describe(earlier)} -> ${describe(model)}`;
  });
  return {
    added: added.map(([name, model]) => `${name}: ${describe(model)}`),
    removed: removed.map(([name]) => name),
    changed,
  };
}

const modelsIn = ({ providers }: PriceCatalogueFile): ReadonlyMap<string, Model> =>
  new Map(
    providers.flatMap(({ base_url, models }) =>
      models.map((model) => [`${model.name} (${new URL(base_url).host})`, model] as const),
    ),
  );

const isSame = (one: Model, other: Model): boolean =>
  JSON.stringify(printed(one)) === JSON.stringify(printed(other));

/** However it was written. */
const printed = ({ prices, capabilities, ...limits }: Model) => ({
  prices: prices.map(({ effective_from: from, ...fields }) => [from, printPrice(priceOf(fields))]),
  capabilities: capabilities?.toSorted(),
  context_length: limits.context_length,
  max_output_tokens: limits.max_output_tokens,
});

/** `1.00/5.00, from 2026-12-01T00:00:00.000Z on 0.90/4.50`. */
const describe = ({ prices }: Model): string =>
  prices
    .map(({ effective_from: from, ...fields }) => {
      const { input, output } = printPrice(priceOf(fields));
      const since = from === undefined ? '' : `from ${new Date(from).toISOString()} on `;
      return `${since}${input}/${output}`;
    })
    .join(', ');
