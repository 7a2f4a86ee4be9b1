import { readKeyFiles, writeKeyDirectory } from '#key-files';
import type { SecurityTier } from '@sealgate/protocol';
import { SecurityError } from '../errors.ts';
import { systemRuntime } from '../runtime.ts';
import type { Runtime } from '../runtime.ts';
import type { SealedChatCompletion } from './answer.ts';
import { channelTo, fetchServerKey } from './channel.ts';
import type { Channel, ChannelOptions } from './channel.ts';
import { generateClientKeys, generateStoredKeyPair, importClientKeys } from './client-keys.ts';
import type { ClientKeys, KeySize } from './client-keys.ts';
import { checkPassword } from './key-files.ts';
import { openAnswer, sealPayload } from './sealing.ts';
import { sendSealed } from './send.ts';

/** How a {@link SecureCompletionClient} reaches its server. */
export interface SecureCompletionClientOptions extends ChannelOptions {
  /** The server's URL. */
  readonly routerUrl: string;
  /** Bits of the client's RSA key. Default 4096. */
  readonly keySize?: KeySize | undefined;
}

/** Whether and how a new key is also written to files. */
export interface GenerateKeysOptions {
  /** Also writes `private_key.pem` (0600) and `public_key.pem` (0644). Not in browsers. Default false. */
  readonly saveToFile?: boolean | undefined;
  /** Default `client_keys` in the working directory. */
  readonly keyDir?: string | undefined;
  /** Encrypts the private key file; at least eight characters. */
  readonly password?: string | undefined;
}

const DEFAULT_KEY_DIRECTORY = 'client_keys';

/** The steps of sealed chat one by one. `SecureChatCompletion` is the same in one call. */
export class SecureCompletionClient {
  readonly #channel: Channel;
  readonly #keySize: KeySize;
  #keys: ClientKeys | undefined;

  /** `runtime` is the client's clock, chance and network; leave it out except in tests. */
  constructor(options: SecureCompletionClientOptions, runtime: Runtime = systemRuntime) {
    this.#channel = channelTo(options.routerUrl, options, runtime);
    this.#keySize = options.keySize ?? 4096;
  }

  /**
   * Makes the client's key. Without `saveToFile` it never leaves this process.
   *
   * @throws {TypeError} the password is too short, or there are no files here
   */
  async generateKeys(options: GenerateKeysOptions = {}): Promise<void> {
    if (!options.saveToFile) {
      this.#keys = await generateClientKeys(this.#keySize);
      return;
    }
    checkPassword(options.password);
    const stored = await generateStoredKeyPair(this.#keySize);
    try {
      const directory = options.keyDir ?? DEFAULT_KEY_DIRECTORY;
      await writeKeyDirectory(directory, stored, options.password);
      this.#keys = await importClientKeys(stored);
    } finally {
      stored.pkcs8.fill(0);
    }
  }

  /**
   * Loads the client's key: PKCS#8 PEM, plain or with a password (PBES2, or the own format of the
   * published JavaScript client).
   *
   * @throws {SecurityError} wrong password, damaged file, no RSA key of at least 2048 bits, or a
   *   public key that belongs to another private key
   */
  async loadKeys(privateKeyPath: string, publicKeyPath?: string, password?: string): Promise<void> {
    const stored = await readKeyFiles({ privateKeyPath, publicKeyPath, password });
    this.#keys = await importClientKeys(stored);
  }

  /**
   * Fetches the server's public key as PEM.
   *
   * @throws {SecurityError} the URL is not https and `allowHttp` is off, or the key is unsuitable
   * @throws {APIError} the server answered with another status than 200
   * @throws {APIConnectionError} no answer came
   */
  async fetchServerPublicKey(): Promise<string> {
    const { pem } = await fetchServerKey(this.#channel);
    return pem;
  }

  /**
   * Fetches the server's key and seals a payload to it, bound to this client's key and to now.
   *
   * @returns the envelope, UTF-8 JSON
   * @throws {TypeError} the payload is empty
   * @throws {RangeError} it is larger than 10 MiB
   */
  async encryptPayload(payload: object): Promise<ArrayBuffer> {
    const fields = requireFields(payload);
    const keys = this.#requireKeys();
    const { publicKey: serverKey } = await fetchServerKey(this.#channel);
    const { buffer } = await sealPayload(this.#channel, { keys, serverKey }, fields);
    return buffer;
  }

  /**
   * Opens an answer, of either tag layout, and adds `_metadata`.
   *
   * @throws {SecurityError} it is damaged or was sealed to another key
   */
  async decryptResponse(
    encryptedResponse: ArrayBuffer | Uint8Array,
    payloadId: string,
  ): Promise<SealedChatCompletion> {
    const envelope = new Uint8Array(encryptedResponse);
    return openAnswer(this.#channel, this.#requireKeys(), { envelope, payloadId });
  }

  /**
   * The whole round trip, with retries. A retry is sealed anew under a fresh payload id.
   *
   * @param apiKey sent as `Authorization: Bearer …`
   * @throws {APIError} the server refused; the class tells the status
   * @throws {APIConnectionError} no answer came, also after the retries
   * @throws {SecurityError} a rule of sealed chat was broken
   */
  async sendSecureRequest(
    payload: object,
    payloadId: string,
    apiKey?: string,
    securityTier?: SecurityTier,
  ): Promise<SealedChatCompletion> {
    const fields = requireFields(payload);
    const call = { payload: fields, payloadId, apiKey, securityTier, signal: undefined };
    return sendSealed(this.#channel, this.#requireKeys(), call);
  }

  #requireKeys(): ClientKeys {
    if (this.#keys) return this.#keys;
    throw new SecurityError('There is no client key yet: call generateKeys() or loadKeys().');
  }
}

function requireFields(payload: object): Record<string, unknown> {
  if (Object.keys(payload).length === 0) throw new TypeError('The payload is empty.');
  return { ...payload };
}
