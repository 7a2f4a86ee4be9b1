import { decodePublicKeyHeader, importPublicKey, type PublicKey } from '@sealgate/protocol';
import { Refusal } from '../../platform/refusal.ts';

/** Clients keep their key for a day, and importing one costs a tenth of a whole request. */
const REMEMBERED_KEYS = 1_000;

export interface ClientKeys {
  /** Reads `X-Public-Key`, or throws a refusal. */
  read(header: string | undefined): Promise<PublicKey>;
}

export function createClientKeys(): ClientKeys {
  const keys = new Map<string, PublicKey>();
  return {
    async read(header = '') {
      const key = keys.get(header) ?? (await importKey(header));
      keys.delete(header);
      keys.set(header, key);
      const [usedLongestAgo] = keys.keys();
      if (keys.size > REMEMBERED_KEYS && usedLongestAgo !== undefined) keys.delete(usedLongestAgo);
      return key;
    },
  };
}

async function importKey(header: string): Promise<PublicKey> {
  const pem = decodePublicKeyHeader(header);
  const key = pem.ok ? await importPublicKey(pem.value) : pem;
  if (key.ok) return key.value;
  throw new Refusal('invalid_request_error', {
    param: 'X-Public-Key',
    message: 'X-Public-Key must be a percent-encoded PEM of an RSA key of 2048 to 8192 bits.',
    internal: { problem: key.problem },
  });
}
