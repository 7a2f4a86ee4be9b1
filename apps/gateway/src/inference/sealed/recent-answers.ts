import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';
import type { Clock } from '../../platform/clock.ts';
import type { ProtectedMemory } from '../../platform/memory/index.ts';

const KEEP_MS = 5 * 60 * 1000;
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;
const MAX_TOTAL_BYTES = 64 * 1024 * 1024;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

export interface OnceRequest {
  readonly apiKeyId: string;
  readonly idempotencyKey: string;
  /** A different body is a different request, whatever its idempotency key. */
  readonly bodyText: string;
}

export interface RecentAnswers {
  /**
   * Generates at most once for the same request: a retry joins a running generation and gets its answer, or gets the
   * finished one again. Failures are not remembered.
   */
  once(request: OnceRequest, generate: () => Promise<Uint8Array>): Promise<Uint8Array>;
}

interface Kept {
  readonly sealed: Buffer;
  readonly untilMs: number;
}

/**
 * Finished answers are kept encrypted under a key derived from the idempotency key, which came sealed from the client
 * and is not kept: until the client retries, this server cannot read them. So all tiers may use it.
 */
export function createRecentAnswers(clock: Clock, memory: ProtectedMemory): RecentAnswers {
  const running = new Map<string, Promise<Uint8Array>>();
  const kept = new Map<string, Kept>();
  let keptBytes = 0;

  const forget = (id: string, entry: Kept) => {
    kept.delete(id);
    keptBytes -= entry.sealed.length;
  };
  const makeRoom = (byteCount: number) => {
    for (const [id, entry] of kept) {
      if (entry.untilMs > clock() && keptBytes + byteCount <= MAX_TOTAL_BYTES) return;
      forget(id, entry);
    }
  };
  const keep = (id: string, answer: Uint8Array, key: Buffer) => {
    if (answer.length > MAX_ANSWER_BYTES) return;
    const sealed = seal(answer, key);
    makeRoom(sealed.length);
    kept.set(id, { sealed, untilMs: clock() + KEEP_MS });
    keptBytes += sealed.length;
  };
  const run = async (id: string, key: Buffer, generate: () => Promise<Uint8Array>) => {
    const generation = generate();
    running.set(id, generation);
    try {
      const answer = await generation;
      keep(id, answer, key);
      // Each caller wipes a copy of its own; the original goes once all of them have theirs.
      setImmediate(() => memory.wipe(answer));
      return copyOf(answer);
    } finally {
      running.delete(id);
    }
  };

  return {
    async once(request, generate) {
      makeRoom(0);
      const { id, key } = namesOf(request);
      const entry = kept.get(id);
      if (entry) return open(entry.sealed, key);
      const generation = running.get(id);
      if (generation) return copyOf(await generation);
      return run(id, key, generate);
    },
  };
}

/** Not `slice`: that of a Buffer is no copy. */
const copyOf = (answer: Uint8Array): Uint8Array => new Uint8Array(answer);

/** What the answer is found by, and what it is encrypted with. */
function namesOf({ apiKeyId, idempotencyKey, bodyText }: OnceRequest): { id: string; key: Buffer } {
  const body = createHash('sha256').update(bodyText).digest();
  const derived = Buffer.from(hkdfSync('sha256', idempotencyKey, apiKeyId, body, 64));
  return { id: derived.toString('base64', 0, 32), key: derived.subarray(32) };
}

function seal(answer: Uint8Array, key: Buffer): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  return Buffer.concat([nonce, cipher.update(answer), cipher.final(), cipher.getAuthTag()]);
}

function open(sealed: Buffer, key: Buffer): Uint8Array {
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES));
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
  const answer = decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES));
  decipher.final();
  return new Uint8Array(answer);
}
