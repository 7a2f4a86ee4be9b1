import type { SecurityTier } from '@sealgate/protocol';
import type { ChatCompletionCreateParams } from '../resources/chat-request.ts';
import { systemRuntime } from '../runtime.ts';
import type { Runtime } from '../runtime.ts';
import type { SealedChatCompletion } from './answer.ts';
import { channelTo } from './channel.ts';
import type { Channel, ChannelOptions } from './channel.ts';
import { checkPassword } from './key-files.ts';
import { KeyKeeper } from './key-keeper.ts';
import { checkTier, sendSealed } from './send.ts';

/** How a {@link SecureChatCompletion} reaches its server and keeps its key. */
export interface SecureChatCompletionOptions extends ChannelOptions {
  /** The server's URL, e.g. `https://llm.example.com`. */
  readonly baseUrl: string;
  /** Sent as `Authorization: Bearer …`. */
  readonly apiKey?: string | undefined;
  /**
   * Directory of the client's key: loaded from there, or made and saved there. Not in browsers.
   * Default: none, the key lives in memory only. (The published JavaScript client saves it
   * unencrypted into the working directory, where it ends up in images and repositories, and
   * whoever has it can open all recorded answers.)
   */
  readonly keyDir?: string | undefined;
  /** Milliseconds after which the key is replaced. Default 86,400,000 (a day); 0 turns it off. */
  readonly keyRotationInterval?: number | undefined;
  /** Directory for the keys of later rotations. Default: `keyDir`; without both, memory only. */
  readonly keyRotationDir?: string | undefined;
  /** Encrypts the private key files of both directories; at least eight characters. */
  readonly keyRotationPassword?: string | undefined;
}

/** A chat request and what holds for this call alone; the three fields are not part of the body. */
export type SecureChatRequest = ChatCompletionCreateParams & {
  /** In place of the client's key. */
  readonly api_key?: string | undefined;
  /** How far the server must go to protect the request. Default: the server's choice. */
  readonly security_tier?: SecurityTier | undefined;
  /** Sends this call to another server, under another client key. */
  readonly base_url?: string | undefined;
};

const DAY_MS = 86_400_000;

/**
 * Chat that only the server can read: each request is sealed to the server's key, each answer to
 * this client's.
 *
 * @example
 * const chat = new SecureChatCompletion({ baseUrl: 'https://llm.example.com', apiKey: 'sk-xc-…' });
 * const answer = await chat.create({
 *   model: 'nexevo/balanced',
 *   messages: [{ role: 'user', content: 'Say hello.' }],
 *   security_tier: 'high',
 * });
 * chat.dispose();
 */
export class SecureChatCompletion {
  readonly #options: SecureChatCompletionOptions;
  readonly #runtime: Runtime;
  readonly #channel: Channel;
  readonly #keyKeeper: KeyKeeper;

  /**
   * `runtime` is the client's clock, chance and network; leave it out except in tests.
   *
   * @throws {TypeError} the password is too short
   */
  constructor(options: SecureChatCompletionOptions, runtime: Runtime = systemRuntime) {
    checkPassword(options.keyRotationPassword);
    this.#options = options;
    this.#runtime = runtime;
    this.#channel = channelTo(options.baseUrl, options, runtime);
    this.#keyKeeper = new KeyKeeper({
      directory: options.keyDir,
      rotationDirectory: options.keyRotationDir ?? options.keyDir,
      password: options.keyRotationPassword,
      rotationMs: options.keyRotationInterval ?? DAY_MS,
      runtime,
      debug: this.#channel.debug,
    });
  }

  /**
   * Asks a model. The answer always comes whole: version 1 of sealed chat has no streams. The
   * first call also makes the client's key, which takes about a second.
   *
   * @throws {TypeError} `model`, `messages` or `security_tier` is missing or wrong
   * @throws {RangeError} the request is larger than 10 MiB
   * @throws {APIError} the server refused; the class tells the status
   * @throws {APIConnectionError} no answer came, also after the retries
   * @throws {SecurityError} the URL is not https, a key or the answer fails its checks, or the
   *   server answered on a lower tier than asked
   * @throws {SealgateError} the client is disposed
   */
  async create(
    request: SecureChatRequest,
    options: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<SealedChatCompletion> {
    const { api_key: apiKey, security_tier: securityTier, base_url: baseUrl, ...payload } = request;
    checkRequest(payload);
    checkTier(securityTier);
    if (baseUrl !== undefined) return this.#createElsewhere(baseUrl, request, options);
    return sendSealed(this.#channel, await this.#keyKeeper.current(), {
      payload,
      payloadId: globalThis.crypto.randomUUID(),
      apiKey: apiKey ?? this.#options.apiKey,
      securityTier,
      signal: options.signal,
    });
  }

  /** The same as {@link create}. */
  acreate(
    request: SecureChatRequest,
    options: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<SealedChatCompletion> {
    return this.create(request, options);
  }

  /** Drops the client's key and stops its rotation; later calls fail. Calls under way still end well. */
  dispose(): void {
    this.#keyKeeper.dispose();
  }

  // With a key of its own, unless `keyDir` has one: two servers should not see that it is one client.
  async #createElsewhere(
    baseUrl: string,
    request: SecureChatRequest,
    options: { readonly signal?: AbortSignal | undefined },
  ): Promise<SealedChatCompletion> {
    this.#keyKeeper.assertUsable();
    const settings = { ...this.#options, baseUrl, keyRotationInterval: 0 };
    const elsewhere = new SecureChatCompletion(settings, this.#runtime);
    try {
      return await elsewhere.create({ ...request, base_url: undefined }, options);
    } finally {
      elsewhere.dispose();
    }
  }
}

function checkRequest({ model, messages }: { model?: unknown; messages?: unknown }): void {
  if (typeof model !== 'string' || model === '') throw new TypeError('model is missing.');
  if (!Array.isArray(messages)) throw new TypeError('messages must be an array.');
}
