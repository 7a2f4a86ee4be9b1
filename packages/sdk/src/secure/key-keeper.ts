import { readKeyDirectory, writeKeyDirectory } from '#key-files';
import { SealgateError } from '../errors.ts';
import type { Runtime } from '../runtime.ts';
import { generateClientKeys, generateStoredKeyPair, importClientKeys } from './client-keys.ts';
import type { ClientKeys, KeySize } from './client-keys.ts';

export interface KeyKeeperSettings {
  /** Where the key is kept; undefined: nowhere. */
  readonly directory: string | undefined;
  /** Where later keys go; undefined: nowhere. */
  readonly rotationDirectory: string | undefined;
  readonly password: string | undefined;
  /** Milliseconds; 0: never. */
  readonly rotationMs: number;
  readonly runtime: Runtime;
  readonly debug: (event: string) => void;
}

const KEY_SIZE: KeySize = 4096;

/** Holds the key of a client: makes or loads it at first use, replaces it in time, drops it. */
export class KeyKeeper {
  readonly #settings: KeyKeeperSettings;
  #keys: Promise<ClientKeys> | undefined;
  #stopRotation: (() => void) | undefined;
  #isDisposed = false;

  constructor(settings: KeyKeeperSettings) {
    this.#settings = settings;
  }

  /** The key to use now. An answer is opened with the key of its request, also after a rotation. */
  async current(): Promise<ClientKeys> {
    this.assertUsable();
    this.#keys ??= this.#start();
    return this.#keys;
  }

  assertUsable(): void {
    if (this.#isDisposed) throw new SealgateError('This client is disposed. Make a new one.');
  }

  /** Drops the key and stops the rotation. Requests under way still get their answers. */
  dispose(): void {
    this.#isDisposed = true;
    this.#keys = undefined;
    this.#stopRotation?.();
    this.#stopRotation = undefined;
  }

  async #start(): Promise<ClientKeys> {
    try {
      const keys = await this.#loadOrMake();
      if (!this.#isDisposed) this.#startRotation();
      return keys;
    } catch (error) {
      // The next call tries again, e.g. after the directory was made writable.
      this.#keys = undefined;
      throw error;
    }
  }

  // A key that cannot be read is never replaced: a mistyped password would destroy it.
  async #loadOrMake(): Promise<ClientKeys> {
    const { directory, password } = this.#settings;
    const stored =
      directory === undefined ? undefined : await readKeyDirectory(directory, password);
    return stored ? importClientKeys(stored) : this.#make(directory);
  }

  async #make(directory: string | undefined): Promise<ClientKeys> {
    if (directory === undefined) return generateClientKeys(KEY_SIZE);
    const stored = await generateStoredKeyPair(KEY_SIZE);
    try {
      await writeKeyDirectory(directory, stored, this.#settings.password);
      return await importClientKeys(stored);
    } finally {
      stored.pkcs8.fill(0);
    }
  }

  #startRotation(): void {
    const { rotationMs, runtime } = this.#settings;
    if (rotationMs > 0) {
      this.#stopRotation = runtime.every(rotationMs, () => void this.#rotate());
    }
  }

  async #rotate(): Promise<void> {
    try {
      const keys = await this.#make(this.#settings.rotationDirectory);
      if (this.#isDisposed) return;
      this.#keys = Promise.resolve(keys);
      this.#settings.debug('the client key was rotated');
    } catch {
      this.#settings.debug('the client key could not be rotated; the old one stays');
    }
  }
}
