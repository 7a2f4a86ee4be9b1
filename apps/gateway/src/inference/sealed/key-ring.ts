import type { Unwrap } from '@sealgate/protocol';
import type { Clock } from '../../platform/clock.ts';
import type { ServerKey } from './server-key.ts';

export interface KeyRing {
  /** The key to seal to. Waits for the very first one only. */
  current(): Promise<ServerKey>;
  /** One request's try at the private keys. */
  beginUnwrap(): UnwrapAttempt;
  close(): void;
}

/** The envelope names no key, so the keys are tried newest first. */
export interface UnwrapAttempt {
  readonly unwrap: Unwrap;
  /** The key that opened it. */
  readonly openedBy: ServerKey | undefined;
  /** To be called before a refusal: tries the remaining keys, so that every refusal costs the same work. */
  exhaust(): Promise<void>;
}

export interface KeyRingOptions {
  readonly clock: Clock;
  readonly generate: () => Promise<ServerKey>;
  readonly onFault: (error: unknown) => void;
  readonly rotateEveryMs?: number;
  readonly overlapMs?: number;
}

const DAY_MS = 24 * 60 * 60 * 1000;
const HOUR_MS = 60 * 60 * 1000;
/** The next key is made this long before it is needed. */
const AHEAD_MS = 10 * 60 * 1000;
const TICK_MS = 60 * 1000;

interface DatedKey {
  readonly key: ServerKey;
  readonly sinceMs: number;
}

export function createKeyRing(options: KeyRingOptions): KeyRing {
  const { clock, generate, onFault, rotateEveryMs = DAY_MS, overlapMs = HOUR_MS } = options;
  let current: DatedKey | undefined;
  let previous: ServerKey | undefined;
  let next: ServerKey | undefined;
  let generation: Promise<void> | undefined;

  const install = (key: ServerKey) => {
    previous = current?.key;
    current = { key, sinceMs: clock() };
    next = undefined;
  };
  const prepare = (): Promise<void> => {
    generation ??= generate()
      .then((key) => {
        if (current) next = key;
        else install(key);
      })
      .finally(() => {
        generation = undefined;
      });
    return generation;
  };
  /** Everything that the passing of time asks for. Dropping a key lets OpenSSL wipe it. */
  const turn = () => {
    if (!current) return;
    const ageMs = clock() - current.sinceMs;
    if (ageMs >= overlapMs) previous = undefined;
    if (ageMs >= rotateEveryMs && next) install(next);
    else if (ageMs >= rotateEveryMs - AHEAD_MS && !next) prepare().catch(onFault);
  };

  const timer = setInterval(() => {
    if (current) turn();
    else prepare().catch(onFault);
  }, TICK_MS).unref();
  prepare().catch(onFault);

  return {
    async current() {
      turn();
      if (!current) await prepare();
      if (!current) throw new Error('impossible: a key was made and is not there');
      return current.key;
    },
    beginUnwrap() {
      turn();
      return attempt([current?.key, previous].filter((key) => key !== undefined));
    },
    close() {
      clearInterval(timer);
      current = previous = next = undefined;
    },
  };
}

function attempt(keys: readonly ServerKey[]): UnwrapAttempt {
  const untried = [...keys];
  let wrapped: Uint8Array | undefined;
  let openedBy: ServerKey | undefined;
  return {
    get openedBy() {
      return openedBy;
    },
    async unwrap(wrappedKey) {
      wrapped = wrappedKey;
      for (let key = untried.shift(); key; key = untried.shift()) {
        const aesKey = await key.unwrap(wrappedKey);
        if (!aesKey) continue;
        openedBy = key;
        return aesKey;
      }
      return undefined;
    },
    async exhaust() {
      for (const key of untried.splice(0)) {
        const aesKey = wrapped && (await key.unwrap(wrapped));
        aesKey?.fill(0);
      }
    },
  };
}
