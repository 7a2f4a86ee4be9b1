import { z } from 'zod';
import { REFUSALS, type RefusalCode } from './refusals.ts';

const codes = Object.keys(REFUSALS) as [RefusalCode, ...RefusalCode[]];

const ApiError = z.looseObject({
  message: z.string().describe('What is wrong and what to do about it.'),
  type: z.string().describe('OpenAI’s class of the error.'),
  param: z.string().nullable().describe('The field at fault, e.g. "messages[0]".'),
  code: z.enum(codes).describe('Stable; made for programs.'),
  limit_source: z
    .string()
    .optional()
    .describe(
      'Whose limit it was: "key", "address", "upstream", "wallet", "organization", "member".',
    ),
  limit: z
    .union([z.number(), z.string()])
    .optional()
    .describe('A count, or US dollars in decimal text.'),
  used: z.union([z.number(), z.string()]).optional(),
  held: z.string().optional().describe('US dollars that running requests may still cost.'),
  needed: z.string().optional().describe('US dollars that this request could cost.'),
  resets_at: z.string().optional(),
});

/** The body of every refusal. `error` is OpenAI's; `detail` repeats the sentence for the published sealed-chat clients. */
export const ErrorEnvelope = z.object({ error: ApiError, detail: z.string() });

export type ErrorEnvelope = z.output<typeof ErrorEnvelope>;

/** The last event of a stream that broke after its first byte. */
export const StreamError = z.object({ error: ApiError });
