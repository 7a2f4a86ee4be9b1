import { Auth } from './resources/auth.ts';
import { Billing } from './resources/billing.ts';
import { Calls } from './resources/calls.ts';
import { Chat } from './resources/chat.ts';
import { Conversations } from './resources/conversations.ts';
import { Embeddings } from './resources/embeddings.ts';
import { FeedbackVotes } from './resources/feedback.ts';
import { Generations } from './resources/generations.ts';
import { Keys } from './resources/keys.ts';
import { Models } from './resources/models.ts';
import { Organizations } from './resources/organizations.ts';
import { Routing } from './resources/routing.ts';
import { systemRuntime } from './runtime.ts';
import type { Runtime } from './runtime.ts';
import { Transport } from './transport.ts';

/** How a {@link Sealgate} client reaches its server. */
export interface SealgateOptions {
  /** Sent as `Authorization: Bearer …`: an API key, or the access token of a sign-in. */
  readonly apiKey?: string | undefined;
  /** Which of one's organizations to act in; sent as `X-Organization-ID`. Default: the personal one, or the key's own. */
  readonly organization?: string | undefined;
  /** With its `/v1`. Default: a gateway on this machine, `http://127.0.0.1:8787/v1`. */
  readonly baseURL?: string | undefined;
  /** The same as `baseURL`, which wins. */
  readonly baseUrl?: string | undefined;
  /** Milliseconds for one attempt. Default 600,000: reasoning models think long. */
  readonly timeout?: number | undefined;
  /** Attempts after the first, on 408, 409, 429, 5xx and broken connections. Default 2. */
  readonly maxRetries?: number | undefined;
  /** Replaces the global `fetch`, e.g. to go through a proxy. */
  readonly fetch?: typeof globalThis.fetch | undefined;
  /** Sent with every call. */
  readonly defaultHeaders?: Readonly<Record<string, string>> | undefined;
}

const DEFAULT_BASE_URL = 'http://127.0.0.1:8787/v1';
const DEFAULT_TIMEOUT_MS = 600_000;
const DEFAULT_MAX_RETRIES = 2;

/**
 * Client for a Sealgate gateway and for any other OpenAI-compatible API.
 *
 * @example
 * const client = new Sealgate({ apiKey: 'sk-xc-…' });
 * const answer = await client.chat.completions.create({
 *   model: 'nexevo/balanced',
 *   messages: [{ role: 'user', content: 'Say hello.' }],
 * });
 */
export class Sealgate {
  readonly chat: Chat;
  readonly models: Models;
  readonly embeddings: Embeddings;
  readonly generations: Generations;
  readonly conversations: Conversations;
  readonly feedback: FeedbackVotes;
  readonly routing: Routing;
  readonly keys: Keys;
  readonly billing: Billing;
  readonly organizations: Organizations;
  readonly auth: Auth;
  readonly #options: SealgateOptions;
  readonly #runtime: Runtime;

  /** `runtime` is the client's clock, chance and network; leave it out except in tests. */
  constructor(options: SealgateOptions = {}, runtime: Runtime = systemRuntime) {
    const transport = new Transport({
      baseURL: (options.baseURL ?? options.baseUrl ?? DEFAULT_BASE_URL).replace(/\/+$/, ''),
      headers: {
        ...(options.apiKey !== undefined && { authorization: `Bearer ${options.apiKey}` }),
        ...(options.organization !== undefined && { 'x-organization-id': options.organization }),
        ...options.defaultHeaders,
      },
      timeoutMs: options.timeout ?? DEFAULT_TIMEOUT_MS,
      maxRetries: options.maxRetries ?? DEFAULT_MAX_RETRIES,
      runtime: { ...runtime, fetch: options.fetch ?? runtime.fetch },
    });
    this.chat = new Chat(transport);
    this.models = new Models(transport);
    this.embeddings = new Embeddings(transport);
    const calls = new Calls(transport);
    this.generations = new Generations(calls);
    this.conversations = new Conversations(calls);
    this.feedback = new FeedbackVotes(calls);
    this.routing = new Routing(calls);
    this.keys = new Keys(calls);
    this.billing = new Billing(calls);
    this.organizations = new Organizations(calls);
    this.auth = new Auth(calls);
    this.#options = options;
    this.#runtime = runtime;
  }

  /**
   * Another client that differs in these settings, e.g. to act as whoever has signed in.
   *
   * @example
   * const { access_token } = await client.auth.login({ email, password });
   * const signedIn = client.withOptions({ apiKey: access_token, organization: 'org_…' });
   */
  withOptions(changes: SealgateOptions): Sealgate {
    return new Sealgate({ ...this.#options, ...changes }, this.#runtime);
  }
}
