import { z } from 'zod';
import { momentField, PriceFields } from '../../../customers/billing/index.ts';

/** The file with list prices of known models, as people write it. */

const DatedPrice = PriceFields.extend({
  effective_from: momentField(
    'From when on the provider asks this price; when absent, it always has',
  ).optional(),
});

const KnownModel = z.strictObject({
  name: z
    .string()
    .min(1)
    .max(200)
    .describe('The id that the host knows; dated snapshots count as it'),
  prices: z
    .array(DatedPrice)
    .min(1)
    .describe('In the order in which they take effect; each holds until the next one'),
  context_length: z
    .int()
    .min(1)
    .optional()
    .describe('Most tokens of prompt and answer together. Ends where the price would rise'),
  max_output_tokens: z.int().min(1).optional().describe('Most tokens of an answer'),
  capabilities: z
    .array(z.enum(['chat', 'tools', 'vision', 'structured-output', 'embeddings']))
    .min(1)
    .optional()
    .describe('What the model can do; everything but embeddings when absent'),
});

const Provider = z.strictObject({
  name: z.string().min(1).describe('How people call it'),
  base_url: z
    .url({ protocol: /^https$/, error: 'must be an https URL, such as https://api.example.com/v1' })
    .regex(/[^/]$/, 'must not end with a slash')
    .describe('Of the hosts whose models these are: address up to and with the version part'),
  source: z
    .url({ protocol: /^https$/, error: 'must be an https URL' })
    .describe('Where the provider publishes its prices'),
  as_of: z
    .string()
    .regex(/^\d{4}-\d{2}(-\d{2})?$/, 'must be a day or a month, such as 2026-11-24 or 2026-11')
    .describe('When somebody has read them there'),
  models: z.array(KnownModel),
});

export const PriceCatalogueFile = z
  .strictObject({
    $schema: z.string().optional().describe('For editors'),
    about: z.string().optional().describe('For people'),
    providers: z.array(Provider),
  })
  .superRefine(({ providers }, context) => {
    const refuse = (path: PropertyKey[], message: string): void =>
      context.addIssue({ code: 'custom', path, message });
    const urls = new Set<string>();
    for (const [index, { base_url: url, models }] of providers.entries()) {
      const path = ['providers', index];
      if (urls.has(url)) refuse([...path, 'base_url'], 'is that of a provider above');
      urls.add(url);
      const names = new Set<string>();
      for (const [place, { name, prices }] of models.entries()) {
        const here = [...path, 'models', place];
        if (names.has(name)) refuse([...here, 'name'], 'is that of a model above');
        names.add(name);
        const late = prices.findIndex((each, at) => at > 0 && !isAfter(each, prices[at - 1]));
        if (late > 0) {
          refuse(
            [...here, 'prices', late, 'effective_from'],
            'must be there, and later than that of the price above',
          );
        }
      }
    }
  });

const isAfter = (one: DatedPrice, other: DatedPrice | undefined): boolean =>
  (one.effective_from ?? -Infinity) > (other?.effective_from ?? -Infinity);

type DatedPrice = z.output<typeof DatedPrice>;
export type PriceCatalogueFile = z.output<typeof PriceCatalogueFile>;

/** Fields that may be written as numbers, and are read as their text. */
export const CATALOGUE_DECIMALS: ReadonlySet<string> = new Set(Object.keys(PriceFields.shape));

/** For editors: `"$schema": "…/price-catalogue.schema.json"`. */
export function priceCatalogueJsonSchema(): Record<string, unknown> {
  return { title: 'Price catalogue', ...z.toJSONSchema(PriceCatalogueFile, { io: 'input' }) };
}
