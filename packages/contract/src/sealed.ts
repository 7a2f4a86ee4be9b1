import { z } from 'zod';
import { endpoint, INFERENCE_REFUSALS } from './endpoint.ts';
import { GenerationHeaders, UsageHeaders } from './headers.ts';

const base64 = (bytes: string) =>
  z
    .string()
    .describe(`${bytes}, base64 (standard alphabet, padded).`)
    .meta({ contentEncoding: 'base64' });

/** A sealed chat request. What is encrypted is the UTF-8 JSON of a chat request of at most 10 MiB. */
export const SealedRequest = z.looseObject({
  version: z.literal('1.0'),
  algorithm: z.literal('hybrid-aes256-rsa4096'),
  encrypted_payload: z.looseObject({
    ciphertext: base64('AES-256-GCM ciphertext; without a `tag` field it ends with the tag'),
    nonce: base64('12 bytes'),
    tag: base64('16 bytes').optional(),
  }),
  encrypted_aes_key: base64('The AES key, RSA-OAEP-SHA256 to the key of /pki/public_key'),
  key_algorithm: z.literal('RSA-OAEP-SHA256').optional(),
  payload_algorithm: z.literal('AES-256-GCM').optional(),
});

export type SealedRequest = z.output<typeof SealedRequest>;

/** A sealed answer: a chat completion with `_metadata`, encrypted to the key of `X-Public-Key`. `tag` as in the request. */
export const SealedAnswer = SealedRequest.extend({
  processed_at: z.int().describe('Unix seconds. Not authenticated.'),
});

export type SealedAnswer = z.output<typeof SealedAnswer>;

export const readPublicKey = endpoint({
  method: 'GET',
  path: '/pki/public_key',
  tag: 'sealed',
  summary: 'Read the key to seal requests to',
  description: 'Changes daily; the key before it stays good for an hour.',
  caller: 'anyone',
  answers: {
    200: {
      description: 'RSA-4096, SubjectPublicKeyInfo as PEM.',
      content: { 'text/plain': z.string() },
    },
  },
  refusals: ['not_found', 'internal'],
});

export const createSecureCompletion = endpoint({
  method: 'POST',
  path: '/v1/chat/secure_completion',
  tag: 'sealed',
  summary: 'Answer a sealed chat',
  description:
    'The body is JSON, although published clients send another content type. The content type is not read. `stream` in the encrypted request is ignored.',
  caller: 'key',
  request: {
    headers: z.object({
      'X-Payload-ID': z.string().min(1).max(128).describe('Any id of the caller’s choice.'),
      'X-Public-Key': z
        .string()
        .max(4096)
        .describe('The caller’s RSA key, SubjectPublicKeyInfo as PEM, percent-encoded.'),
      'X-Security-Tier': z
        .enum(['standard', 'high', 'maximum'])
        .optional()
        .describe('How far the server must go to protect the request.'),
    }),
    body: { 'application/octet-stream': SealedRequest },
  },
  answers: {
    200: {
      description: 'The sealed answer.',
      headers: GenerationHeaders.extend(UsageHeaders.shape),
      content: { 'application/json': SealedAnswer },
    },
  },
  refusals: [
    ...INFERENCE_REFUSALS,
    'max_price_unsatisfiable',
    'sealed_request_invalid',
    'tier_not_allowed',
    'not_found',
    'replayed_request',
    'sealed_cool_down',
    'memory_not_protected',
  ],
});
