import { isIP } from 'node:net';
import { z } from 'zod';
import { FileCache } from './file-cache.ts';
import { PriceFields } from '../customers/billing/index.ts';
import { FilePlan, FilePriceList } from './file-prices.ts';
import { FileResilience, onOff } from './file-resilience.ts';

/** The fields of `sealgate.yaml`. The editors' JSON schema is made of this. */

const count = (what: string): z.ZodOptional<z.ZodInt> =>
  z.int().min(1).max(100_000_000).optional().describe(what);

const milliseconds = (what: string): z.ZodOptional<z.ZodInt> =>
  z.int().min(1).max(86_400_000).optional().describe(what);

const FileModel = z.strictObject({
  id: z
    .string()
    .regex(/^\S{1,200}$/, 'must be 1 to 200 characters without spaces')
    .describe('How callers name the model, after the upstream’s id and a slash'),
  name: z.string().min(1).optional().describe('The id that the upstream knows; `id` when absent'),
  price: PriceFields.optional().describe(
    'List price. A model without one is refused wherever money is counted',
  ),
  context_length: count('Most tokens of prompt and answer together'),
  max_output_tokens: count('Most tokens of an answer'),
  default_max_output_tokens: count(
    'Most tokens of an answer whose caller sets no limit; SEALGATE_DEFAULT_MAX_TOKENS when absent',
  ),
  capabilities: z
    .array(z.enum(['chat', 'tools', 'vision', 'structured-output', 'embeddings']))
    .min(1)
    .optional()
    .describe('What the model can do; everything but embeddings when absent'),
  quality: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .describe(
      'Share of good answers to expect, until some twenty votes tell; by the rank of its price when absent',
    ),
});

const variable = z.string().regex(/^[A-Za-z_]\w*$/, 'must be the name of a variable');

const FileKey = z.strictObject({
  env: variable.describe('Environment variable that holds the key'),
  weight: z.int().min(1).max(1_000).default(1).describe('Its share of the requests'),
});

const KEY_FIELDS = ['api_key', 'api_key_env', 'api_keys'] as const;

const FileUpstream = z
  .strictObject({
    id: z
      .string()
      .regex(/^[a-z0-9][a-z0-9_-]{0,31}$/, 'must be 1 to 32 of a-z, 0-9, _ and -')
      .refine((id) => id !== 'local' && id !== 'nexevo', 'is a name that Sealgate uses itself')
      .describe('First part of its models’ ids'),
    kind: z
      .enum(['openai', 'anthropic'])
      .default('openai')
      .describe('The dialect it speaks: OpenAI’s chat completions or Anthropic’s messages'),
    base_url: z
      .string()
      .refine(
        isBaseUrl,
        'must be an http(s) URL without user, query or fragment, such as https://api.example.com/v1',
      )
      .transform((url) => url.replace(/\/+$/, ''))
      .describe('Address up to and with the version part'),
    socket_path: z.string().optional().describe('Unix socket to connect to instead of the host'),
    api_key: z.string().min(1).optional().describe('Its key; better in the environment'),
    api_key_env: variable.optional().describe('Environment variable that holds its key'),
    api_keys: z
      .array(FileKey)
      .min(1)
      .optional()
      .describe('Several keys that share the work, instead of one'),
    output_limit_field: z
      .enum(['max_tokens', 'max_completion_tokens'])
      .optional()
      .describe('How it calls the limit of an answer; by its address when absent'),
    trust: z
      .enum(['public', 'private', 'local'])
      .default('public')
      .describe('`private`: self-hosted or contractually without retention; `local`: this machine'),
    region: z.enum(['overseas', 'cn']).default('overseas').describe('Where it processes requests'),
    data_collection: z
      .enum(['allow', 'deny'])
      .optional()
      .describe(
        '`deny`: it promises neither to keep nor to learn from requests. Default: `allow` for public trust, else `deny`',
      ),
    headers: z
      .record(
        z.string().regex(/^[\w!#$%&'*+.^`|~-]+$/, 'is no header name'),
        z.string().regex(/^[\t\x20-\x7e]*$/, 'must be printable ASCII'),
      )
      .default({})
      .describe('Headers to send with every request that goes with your keys'),
    timeouts: z
      .strictObject({
        connect_ms: milliseconds('Longest wait for a connection'),
        first_byte_ms: milliseconds('Longest wait for the first byte'),
        idle_ms: milliseconds('Longest silence within an answer'),
        total_ms: milliseconds('Longest time for a whole answer'),
      })
      .default({})
      .describe('Where they differ from the environment’s'),
    hedge: onOff
      .optional()
      .describe('Whether it takes part in hedging; as `resilience.hedge` says when absent'),
    models: z
      .array(FileModel)
      .optional()
      .describe('Its models; when absent, the upstream is asked for its list'),
  })
  .superRefine((upstream, context) => {
    const refuse = (field: string, message: string): void =>
      context.addIssue({ code: 'custom', path: [field], message });
    const [first, other] = KEY_FIELDS.filter((field) => upstream[field] !== undefined);
    if (first !== undefined && other !== undefined)
      refuse(first, `cannot stand beside ${other}: keep one of them`);
    if (upstream.trust === 'public' && upstream.base_url.startsWith('http:'))
      refuse(
        'base_url',
        'must be https for trust "public": keys and prompts would travel in the clear',
      );
  });

const pool = (tier: string): z.ZodOptional<z.ZodArray<z.ZodString>> =>
  z.array(z.string()).min(1).optional().describe(`Models of nexevo/${tier}, as upstream/model`);

export const SealgateFile = z.strictObject({
  upstreams: z.array(FileUpstream).default([]).describe('Hosts that serve models'),
  resilience: FileResilience.prefault({}).describe('What to do about upstreams that fail'),
  cache: FileCache.prefault({}).describe('How answers are kept; SEALGATE_CACHE says whether'),
  tiers: z
    .strictObject({ fast: pool('fast'), balanced: pool('balanced'), auto: pool('auto') })
    .default({})
    .describe('Which models the tiers choose from; by price when absent'),
  prices: z
    .array(FilePriceList)
    .default([])
    .describe('What is charged, each list from a moment on; "sealgate prices list" shows all'),
  plans: z
    .array(FilePlan)
    .max(20, 'must be at most 20')
    .default([])
    .describe('What organizations can book beside pay-as-you-go'),
});

export type SealgateFile = z.output<typeof SealgateFile>;
export type FileUpstream = z.output<typeof FileUpstream>;
export type FileModel = z.output<typeof FileModel>;

function isBaseUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password, search, hash, hostname } = new URL(text);
  const isPlain = username === '' && password === '' && search === '' && hash === '';
  return (protocol === 'https:' || protocol === 'http:') && hostname !== '' && isPlain;
}

/** Does the operator name a private place here? Only then may connections go to private addresses. */
export function namesPrivateAddress({ base_url: url, trust }: FileUpstream): boolean {
  const { hostname } = new URL(url);
  return (
    trust !== 'public' || hostname === 'localhost' || isIP(hostname.replace(/^\[|\]$/g, '')) !== 0
  );
}

/** For editors: `yaml-language-server: $schema=…/sealgate.schema.json`. */
export function sealgateFileJsonSchema(): Record<string, unknown> {
  return { title: 'sealgate.yaml', ...z.toJSONSchema(SealgateFile, { io: 'input' }) };
}
