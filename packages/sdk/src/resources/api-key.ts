/** Where the providers are to which requests may go. */
export type GeoPolicy = 'any' | 'cn-only' | 'overseas-only';

/** Whether answers are kept and given again to the same (`exact`) or an alike (`semantic`) request. */
export interface CacheSettings {
  mode: 'off' | 'exact' | 'semantic';
  /** Whose answers may be given: this key's, or those of all keys of the organization that say so. */
  scope: 'key' | 'organization';
  /** How old an answer may be. */
  ttl_seconds: number;
  /** For `semantic`: the least cosine similarity of two last messages. */
  min_similarity: number;
}

/** The body of `keys.updateCache`. What is missing stays. */
export interface CacheChange {
  readonly mode?: CacheSettings['mode'] | undefined;
  readonly scope?: CacheSettings['scope'] | undefined;
  /** 10 seconds to 30 days. */
  readonly ttl_seconds?: number | undefined;
  /** 0.5 to 1. */
  readonly min_similarity?: number | undefined;
}

/** The body of `keys.create`. */
export interface NewApiKey {
  /** 1 to 100 characters. */
  readonly name: string;
  /** US dollars per calendar month, decimal text. */
  readonly monthly_spend_cap_usd?: string | undefined;
  /** HTTPS only, at the port 443 or 8443. */
  readonly alert_webhook_url?: string | undefined;
  /** Per cent of the cap that are told. Default 50, 80, 100. */
  readonly alert_thresholds?: readonly number[] | undefined;
  readonly geo_policy?: GeoPolicy | undefined;
  /** The only models and tiers that the key may use. */
  readonly allowed_models?: readonly string[] | undefined;
  /** The only addresses and ranges from which it may be used. */
  readonly ip_allow_list?: readonly string[] | undefined;
  /** RFC 3339, UTC. */
  readonly expires_at?: string | undefined;
  /** Requests per minute. */
  readonly rate_limit_rpm?: number | undefined;
  readonly cache?: CacheChange | undefined;
}

/** The body of `keys.update`. What is missing stays; null takes a limit away. */
export interface ApiKeyChange {
  readonly name?: string | undefined;
  readonly monthly_spend_cap_usd?: string | null | undefined;
  readonly alert_webhook_url?: string | null | undefined;
  readonly alert_thresholds?: readonly number[] | undefined;
  readonly geo_policy?: GeoPolicy | undefined;
  readonly allowed_models?: readonly string[] | null | undefined;
  readonly ip_allow_list?: readonly string[] | null | undefined;
  readonly expires_at?: string | null | undefined;
  readonly rate_limit_rpm?: number | null | undefined;
  readonly cache?: CacheChange | undefined;
}

/** The body of `keys.updateSpendCap`: one of the two. */
export interface SpendCapChange {
  /** Decimal text, e.g. `'100.00'`. */
  readonly monthly_spend_cap_usd?: string | undefined;
  /** Takes the cap away. */
  readonly clear?: boolean | undefined;
}

/** The body of `keys.updateAlertWebhook`: `url` or `clear`. */
export interface AlertWebhookChange {
  /** HTTPS only, at the port 443 or 8443. */
  readonly url?: string | undefined;
  /** Takes the webhook away. */
  readonly clear?: boolean | undefined;
  /** Per cent of the cap. Default 50, 80, 100. */
  readonly thresholds?: readonly number[] | undefined;
  /** Makes a new signing secret for the same URL; the old one is good for a day. */
  readonly rotate_secret?: boolean | undefined;
}

/** The body of `keys.updateGeoPolicy`. */
export interface GeoPolicyChange {
  readonly geo_policy: GeoPolicy;
}

/** The body of `keys.rotate`. */
export interface KeyRotation {
  /** How long the old secret stays good: at most a day. Default 0. */
  readonly grace_period_seconds?: number | undefined;
}

/** An API key without its secret. */
export interface ApiKey {
  key_id: string;
  name: string;
  /** The beginning of the full key. */
  prefix: string;
  status: 'active' | 'expired' | 'revoked';
  /** Decimal text; null: no cap. */
  monthly_spend_cap_usd: string | null;
  /** Decimal text. */
  spend_this_month_usd: string;
  alert_webhook_url: string | null;
  /** Per cent of the cap. */
  alert_thresholds: number[];
  geo_policy: GeoPolicy;
  /** Null: every model. */
  allowed_models: string[] | null;
  /** Null: from everywhere. */
  ip_allow_list: string[] | null;
  /** Null: the server's own limit. */
  rate_limit_rpm: number | null;
  cache: CacheSettings;
  /** The person who made it; null: an operator. */
  created_by: string | null;
  /** RFC 3339, as all times. */
  created_at: string;
  expires_at: string | null;
  revoked_at: string | null;
  last_used_at: string | null;
  /** After a rotation: until when the old secret is good. */
  previous_secret_ends_at: string | null;
}

/** A key with its secret, shown this once. */
export interface IssuedApiKey {
  full_key: string;
  key: ApiKey;
  /** Of the alert webhook, where there is a new one. */
  signing_secret?: string | undefined;
}

/** A key after a change. */
export interface ChangedApiKey extends ApiKey {
  /** Of a new alert webhook, shown this once (Standard Webhooks, `whsec_…`). */
  signing_secret?: string | undefined;
}
