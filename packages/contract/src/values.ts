import { z } from 'zod';

/** An opaque id such as `org_0mhx…`. */
export const id = (prefix: string) =>
  z
    .string()
    .regex(new RegExp(`^${prefix}_[0-9a-z]{1,40}$`))
    .meta({ examples: [`${prefix}_0mhx2k4v9d3f7q1s5w8z6b0n4`] });

/** RFC 3339, UTC. */
export const time = () => z.iso.datetime().meta({ examples: ['2026-04-27T08:00:00.000Z'] });

/** A JSON number is told the same as a wrong text: what an amount looks like. */
export const decimalText = (shape: RegExp, sentence: string) =>
  z.string(sentence).regex(shape, sentence);

/** US dollars as decimal text: never a float. */
export const usd = () =>
  decimalText(
    /^\d{1,12}(\.\d{1,9})?$/,
    'must be an amount of US dollars in decimal text, e.g. "12.50"',
  )
    .describe('US dollars, decimal text.')
    .meta({ examples: ['12.50'] });

/** An amount that a limit may have. */
export const spendLimit = () =>
  decimalText(
    /^\d{1,9}(\.\d{1,9})?$/,
    'must be an amount of US dollars below a thousand million in decimal text, e.g. "100.00"',
  )
    .describe('US dollars, decimal text.')
    .meta({ examples: ['100.00'] });

/** US dollars as decimal text, also below zero. */
export const signedUsd = () =>
  z
    .string()
    .regex(/^-?\d{1,12}(\.\d{1,9})?$/)
    .describe('US dollars, decimal text.')
    .meta({ examples: ['12.50', '-0.000038'] });

export const email = () => z.email().max(254).toLowerCase();

/** Which part of a list. */
export const PageQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(20).describe('How many at most.'),
  after: z.string().max(200).optional().describe('`next_cursor` of the page before.'),
});

export type PageQuery = z.output<typeof PageQuery>;

export const listOf = <Item extends z.ZodType>(item: Item) =>
  z.object({
    object: z.literal('list'),
    data: z.array(item),
    has_more: z.boolean(),
    next_cursor: z.string().nullable().describe('For `after` of the next page.'),
  });
