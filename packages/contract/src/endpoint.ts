import type { z } from 'zod';
import type { RefusalCode } from './refusals.ts';

export const TAGS = {
  chat: 'Chat completions in OpenAI’s spelling.',
  sealed: 'Chat that only this server’s process can read: sealed chat v1.',
  models: 'What can be called.',
  embeddings: 'Texts to vectors, in OpenAI’s spelling.',
  service: 'For operators and their machines.',
} as const;

export type Tag = keyof typeof TAGS;

/** `key`: an API key. `operator`: the metrics token, or without one this machine. `anyone`: no credential is read. */
export type Caller = 'key' | 'operator' | 'anyone';

/** Schema by content type. For `text/event-stream` it describes the `data` of one event. */
export type Content = Readonly<Record<string, z.ZodType>>;

export interface EndpointAnswer {
  readonly description: string;
  /** Beyond those that every answer has (`headers.ts`). */
  readonly headers?: z.ZodObject;
  readonly content: Content;
}

/** One operation of the HTTP API. The server, the OpenAPI document, the dashboard and the SDK's tests read this table. */
export interface Endpoint {
  readonly method: 'GET' | 'POST';
  /** Parameters as OpenAPI writes them: `/v1/models/{id}`. */
  readonly path: `/${string}`;
  readonly tag: Tag;
  readonly summary: string;
  readonly description?: string;
  readonly caller: Caller;
  readonly request?: {
    readonly headers?: z.ZodObject;
    readonly query?: z.ZodObject;
    readonly params?: z.ZodObject;
    readonly body?: Content;
  };
  /** By status. Refusals are not repeated here. */
  readonly answers: Readonly<Record<number, EndpointAnswer>>;
  readonly refusals: readonly RefusalCode[];
}

/** Checks a row and keeps its literal types. */
export function endpoint<const Row extends Endpoint>(row: Row): Row {
  return row;
}

/** What can go wrong before a key's request is looked at. */
export const KEY_REFUSALS = [
  'invalid_api_key',
  'key_revoked',
  'key_expired',
  'rate_limit_exceeded',
  'service_unavailable',
  'internal',
] as const satisfies readonly RefusalCode[];

/** What can go wrong on the way of a billable request to a model. */
export const INFERENCE_REFUSALS = [
  ...KEY_REFUSALS,
  'invalid_request_error',
  'payload_too_large',
  'model_not_allowed',
  'model_not_found',
  'upstream_error',
  'no_upstream_available',
  'upstream_timeout',
] as const satisfies readonly RefusalCode[];
