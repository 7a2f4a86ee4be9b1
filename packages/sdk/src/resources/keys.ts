import type { RequestOptions } from '../transport.ts';
import type { Answering } from './answering.ts';
import type { AlertDelivery, AlertTest } from './alert.ts';
import type {
  AlertWebhookChange,
  ApiKey,
  ApiKeyChange,
  CacheChange,
  ChangedApiKey,
  GeoPolicyChange,
  IssuedApiKey,
  KeyRotation,
  NewApiKey,
  SpendCapChange,
} from './api-key.ts';
import { at } from './calls.ts';
import type { Calls } from './calls.ts';
import type { Listing, PageParams } from './listing.ts';

/** `client.keys`. */
export class Keys {
  readonly #calls: Calls;

  constructor(calls: Calls) {
    this.#calls = calls;
  }

  /** Creates a key. `full_key` is in this answer only: keep it. */
  create(key: NewApiKey, options?: RequestOptions): Answering<IssuedApiKey> {
    return this.#calls.post('/keys', key, options);
  }

  /** The organization's keys, the newest first, with those that were revoked. */
  list(page: PageParams = {}, options?: RequestOptions): Listing<ApiKey> {
    return this.#calls.list('/keys', page, options);
  }

  /** Describes one. */
  get(keyId: string, options?: RequestOptions): Answering<ApiKey> {
    return this.#calls.get(at`/keys/${keyId}`, options);
  }

  /** Changes what is named; null takes a limit away. */
  update(keyId: string, change: ApiKeyChange, options?: RequestOptions): Answering<ChangedApiKey> {
    return this.#calls.patch(at`/keys/${keyId}`, change, options);
  }

  /** Sets the cap of a calendar month, or takes it away: `{ clear: true }`. */
  updateSpendCap(
    keyId: string,
    change: SpendCapChange,
    options?: RequestOptions,
  ): Answering<ChangedApiKey> {
    return this.#calls.patch(at`/keys/${keyId}/spend-cap`, change, options);
  }

  /**
   * Sets where spending alerts go, or takes it away. A new URL, or `rotate_secret`, gets a new `signing_secret`, shown in this
   * answer only.
   */
  updateAlertWebhook(
    keyId: string,
    change: AlertWebhookChange,
    options?: RequestOptions,
  ): Answering<ChangedApiKey> {
    return this.#calls.patch(at`/keys/${keyId}/alert-webhook`, change, options);
  }

  /** Sends a signed test event to the alert webhook. */
  testAlertWebhook(keyId: string, options?: RequestOptions): Answering<AlertTest> {
    return this.#calls.post(at`/keys/${keyId}/alert-webhook/test`, undefined, options);
  }

  /** The tries to reach the alert webhook in the last 30 days, the latest first. */
  alertDeliveries(
    keyId: string,
    page: PageParams = {},
    options?: RequestOptions,
  ): Listing<AlertDelivery> {
    return this.#calls.list(at`/keys/${keyId}/alert-deliveries`, page, options);
  }

  /** Says where the providers are to which the key's requests may go. */
  updateGeoPolicy(
    keyId: string,
    change: GeoPolicyChange,
    options?: RequestOptions,
  ): Answering<ChangedApiKey> {
    return this.#calls.patch(at`/keys/${keyId}/geo-policy`, change, options);
  }

  /** Says whether the key's answers are kept and given again. */
  updateCache(
    keyId: string,
    change: CacheChange,
    options?: RequestOptions,
  ): Answering<ChangedApiKey> {
    return this.#calls.patch(at`/keys/${keyId}/cache`, change, options);
  }

  /** Forgets the answers that the key has kept. */
  clearCache(keyId: string, options?: RequestOptions): Answering<void> {
    return this.#calls.order('DELETE', at`/keys/${keyId}/cache`, options);
  }

  /** Gives the key a new secret. The old one ends after the grace period, or at once. */
  rotate(
    keyId: string,
    rotation: KeyRotation = {},
    options?: RequestOptions,
  ): Answering<IssuedApiKey> {
    return this.#calls.post(at`/keys/${keyId}/rotate`, rotation, options);
  }

  /** Revokes a key: within a second it is refused everywhere. */
  revoke(keyId: string, options?: RequestOptions): Answering<void> {
    return this.#calls.order('DELETE', at`/keys/${keyId}`, options);
  }
}
