import type { z } from 'zod';
import type { RefusalCode } from './refusals.ts';
import type { Action } from './roles.ts';

export const TAGS = {
  chat: 'Chat completions in OpenAI’s spelling.',
  sealed: 'Chat that only this server’s process can read: sealed chat v1.',
  models: 'What can be called.',
  keys: 'API keys: their limits, alerts and secrets.',
  accounts: 'People: sign-in, sessions, passwords, the second factor.',
  organizations: 'Who belongs together: members, invitations, roles.',
  embeddings: 'Texts to vectors, in OpenAI’s spelling.',
  conversations: 'Storage for the messages of a chat. No model is called.',
  feedback: 'What people think of generations.',
  generations: 'What requests used and cost.',
  routing: 'How well the tiers choose.',
  billing: 'The wallet: its balance, what was used, and the ledger.',
  service: 'For operators and their machines.',
} as const;

export type Tag = keyof typeof TAGS;

/**
 * `key`: an API key. `session`: a person, by the access token of a sign-in. `member`: either of them. `operator`: the metrics
 * token, or without one this machine. `anyone`: no credential is read.
 */
export type Caller = 'key' | 'session' | 'member' | 'operator' | 'anyone';

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
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  /**
   * Parameters as OpenAPI writes them: `/v1/models/{id}`. A member calls a path with `{organization_id}` as a member of that
   * organization, any other as a member of their own.
   */
  readonly path: `/${string}`;
  readonly tag: Tag;
  readonly summary: string;
  readonly description?: string;
  readonly caller: Caller;
  /** What the role of a member must allow. */
  readonly action?: Action;
  readonly request?: {
    readonly headers?: z.ZodObject;
    readonly query?: z.ZodObject;
    readonly params?: z.ZodObject;
    readonly body?: Content;
    /** 64 KiB unless told. */
    readonly maxBodyBytes?: number;
    /** Fields of the body whose numbers are read as the text they are written in: no float comes between. */
    readonly exactNumbers?: readonly string[];
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
  'ip_not_allowed',
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
  'provider_key_unusable',
  'geo_policy_violation',
  'model_not_found',
  'account_suspended',
  'key_monthly_cap_exceeded',
  'tenant_monthly_quota_exceeded',
  'upstream_error',
  'no_upstream_available',
  'upstream_timeout',
] as const satisfies readonly RefusalCode[];

/** What can go wrong before a person's request is looked at. */
export const SESSION_REFUSALS = [
  'invalid_api_key',
  'token_expired',
  'permission_denied',
  'not_found',
  'rate_limit_exceeded',
  'service_unavailable',
  'internal',
] as const satisfies readonly RefusalCode[];

/** What can go wrong before a member's request is looked at. */
export const MEMBER_REFUSALS = [
  ...SESSION_REFUSALS,
  'key_revoked',
  'key_expired',
  'ip_not_allowed',
] as const satisfies readonly RefusalCode[];

/** What can be wrong with a body. */
export const BODY_REFUSALS = [
  'invalid_request_error',
  'payload_too_large',
] as const satisfies readonly RefusalCode[];

/** With a POST that creates something. */
export const CREATION_REFUSALS = [
  ...BODY_REFUSALS,
  'idempotency_conflict',
] as const satisfies readonly RefusalCode[];

/** A POST with a 201: sent twice with one `Idempotency-Key`, it creates one thing. */
export const isCreation = (row: Endpoint): boolean =>
  row.method === 'POST' && row.caller !== 'anyone' && row.answers[201] !== undefined;
