import { z } from 'zod';
import { CacheWish } from './cache.ts';

const count = z.string().regex(/^\d+$/);

/** On every answer. */
export const TraceHeaders = z.object({
  'X-Trace-ID': z.string().describe('Id of this request in the server’s log.'),
  'X-Request-ID': z.string().describe('The same, where OpenAI’s clients look for it.'),
});

/** On every answer to a valid key. */
export const RateLimitHeaders = z.object({
  'X-RateLimit-Limit': count.describe('Requests that the key may send a minute.'),
  'X-RateLimit-Remaining': count.describe('Requests left in this minute.'),
  'X-RateLimit-Reset': count.describe('Seconds until the minute is over.'),
});

/** On refusals. */
export const RetryHeaders = z.object({
  'Retry-After': count.optional().describe('Seconds after which another try makes sense.'),
  'X-Should-Retry': z
    .literal('false')
    .optional()
    .describe('Sent where no retry can help. OpenAI’s clients obey it.'),
});

/** With requests that a cache may answer. */
export const CacheHeaders = z.object({
  'X-Nexevo-Cache': CacheWish.optional().describe(
    'As the field `cache`, for clients that cannot change the body. `off` in either place wins; otherwise the field does.',
  ),
});

/** On answers of a model. */
export const GenerationHeaders = z.object({
  'X-Nexevo-Generation-Id': z.string().describe('Id of the generation, as in the body.'),
  'X-Nexevo-Model-Used': z.string().describe('The model that answered.'),
  'X-Nexevo-Models-Tried': z.string().describe('Every model that was asked, separated by commas.'),
  'X-Max-Tokens-Applied': count
    .optional()
    .describe('The limit of the answer’s length that was set because the request had none.'),
  'X-Spend-Remaining-USD': z
    .string()
    .optional()
    .describe('What may still be spent, by the tightest limit, as far as this gateway knows.'),
});

/** On answers whose usage is known before they are sent: all but streams. */
export const UsageHeaders = z.object({
  'X-Usage-Input-Tokens': count.optional().describe('Tokens read. Not on streams.'),
  'X-Usage-Output-Tokens': count.optional().describe('Tokens written. Not on streams.'),
});

/** With requests of members. */
export const OrganizationHeaders = z.object({
  'X-Organization-ID': z
    .string()
    .optional()
    .describe('The organization to act in. Without it: the personal one, or the key’s own.'),
});

/** With requests that create something. */
export const IdempotencyHeaders = z.object({
  'Idempotency-Key': z
    .string()
    .min(1)
    .max(255)
    .optional()
    .describe('Any text of the caller’s. Sent again within a day, it gets the first answer.'),
});

/** With events that are sent to webhooks. */
export const WebhookHeaders = z.object({
  'webhook-id': z.string().describe('Of the event: the same for every try.'),
  'webhook-timestamp': count.describe('When this try began, in Unix seconds.'),
  'webhook-signature': z
    .string()
    .describe(
      '`v1,` and the signature; while a secret is rotated, two of them with a space between.',
    ),
});
