import { generateKeyPair, type KeyObject, type webcrypto } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { promisify } from 'node:util';
import {
  RSA_OAEP_SHA256,
  spkiToPem,
  unwrapWith,
  type Bytes,
  type Unwrap,
} from '@sealgate/protocol';

const MODULUS_BITS = 4096;
/**
 * A handle unwraps on one thread at a time. One more than there are cores keeps them busy; many more would only crowd
 * out the event loop, and the rest of the thread pool.
 */
const HANDLES = Math.min(availableParallelism() + 1, 8);

/** One RSA key of this server. The private half exists in this process only: never on disk, gone after its overlap. */
export interface ServerKey {
  readonly publicKeyPem: string;
  /** SubjectPublicKeyInfo: what quotes are bound to. */
  readonly spkiDer: Bytes;
  /** Runs on the thread pool. */
  readonly unwrap: Unwrap;
}

/**
 * Makes a key on the thread pool (1.3 s median). With `node --secure-heap`, OpenSSL keeps the key and all its
 * handles in locked memory.
 */
export async function generateServerKey(modulusBits = MODULUS_BITS): Promise<ServerKey> {
  const { publicKey, privateKey } = await promisify(generateKeyPair)('rsa', {
    modulusLength: modulusBits,
  });
  const spkiDer = new Uint8Array(publicKey.export({ type: 'spki', format: 'der' }));
  return {
    spkiDer,
    publicKeyPem: spkiToPem(spkiDer),
    unwrap: shareOut((await importHandles(privateKey)).map(unwrapWith)),
  };
}

async function importHandles(privateKey: KeyObject): Promise<readonly webcrypto.CryptoKey[]> {
  const pkcs8 = privateKey.export({ type: 'pkcs8', format: 'der' });
  const { subtle } = globalThis.crypto;
  try {
    return await Promise.all(
      Array.from({ length: HANDLES }, () =>
        subtle.importKey('pkcs8', pkcs8, RSA_OAEP_SHA256, false, ['decrypt']),
      ),
    );
  } finally {
    pkcs8.fill(0);
  }
}

/** Gives each unwrap a handle of its own, first come, first served. */
function shareOut(handles: readonly Unwrap[]): Unwrap {
  const free = [...handles];
  const waiting: ((handle: Unwrap) => void)[] = [];
  const take = async (): Promise<Unwrap> =>
    free.pop() ?? new Promise((resolve) => waiting.push(resolve));
  return async (wrappedKey) => {
    const unwrap = await take();
    try {
      return await unwrap(wrappedKey);
    } finally {
      const next = waiting.shift();
      if (next) next(unwrap);
      else free.push(unwrap);
    }
  };
}
