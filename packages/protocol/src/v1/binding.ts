import { encodeBase64Url } from '../base64.ts';
import { encodeHex, sha256 } from '../bytes.ts';
import { BINDING_NONCE_BYTES, MAX_IDEMPOTENCY_KEY_CHARACTERS } from '../constants.ts';
import { failure, success } from '../problem.ts';
import type { Failure, Result } from '../problem.ts';

/**
 * The fields of SPEC §4, at the top level of the encrypted JSON. They tie a request to one client
 * key and one moment, which v1 itself does not.
 */
export interface Binding {
  /** SHA-256 of the client's SubjectPublicKeyInfo, lower-case hexadecimal. */
  readonly client_key_sha256: string;
  /** Unix seconds. */
  readonly ts: number;
  /** 16 random bytes, base64url. */
  readonly nonce: string;
}

/** What the server removes from the plaintext before an upstream sees it. */
export const BINDING_FIELDS = ['client_key_sha256', 'ts', 'nonce', 'idempotency_key'] as const;

/** What a checked request turned out to be. Published clients send unbound ones. */
export type CheckedBinding = {
  readonly idempotencyKey: string | undefined;
} & ({ readonly kind: 'bound'; readonly nonce: string } | { readonly kind: 'unbound' });

export interface BindingCheck {
  /** The key of the `X-Public-Key` header, to which the reply would be sealed. */
  readonly clientSpkiDer: Uint8Array;
  readonly nowSeconds: number;
  /** How far `ts` may lie from `nowSeconds`, either way. */
  readonly maxAgeSeconds: number;
  /** Remembers the nonce until the given time; true when it was there already. Must be atomic. */
  readonly seen: (nonce: string, untilSeconds: number) => boolean | Promise<boolean>;
}

const SHA256_HEX = /^[0-9a-f]{64}$/;
/** 22 digits carry 132 bits; the last digit ends in four zero bits. */
const NONCE = /^[A-Za-z0-9_-]{21}[AQgw]$/;
const VISIBLE_ASCII = /^[\x21-\x7e]+$/;

/** Client: the fields to add to the request before it is sealed. */
export async function bindingOf(
  clientSpkiDer: Uint8Array,
  nowSeconds: number,
  nonce: Uint8Array,
): Promise<Binding> {
  if (nonce.length !== BINDING_NONCE_BYTES) throw new Error('a binding nonce has 16 bytes');
  return {
    client_key_sha256: encodeHex(await sha256(clientSpkiDer)),
    ts: Math.floor(nowSeconds),
    nonce: encodeBase64Url(nonce),
  };
}

/** Server: checks the binding of a decrypted request. All three fields are there, or none. */
export async function checkBinding(
  fields: Readonly<Record<string, unknown>>,
  check: BindingCheck,
): Promise<Result<CheckedBinding>> {
  const idempotencyKey = fields['idempotency_key'];
  if (idempotencyKey !== undefined && !isIdempotencyKey(idempotencyKey)) {
    return malformed('idempotency_key');
  }
  const parsed = parseBinding(fields);
  if (!parsed.ok) return parsed;
  if (!parsed.value) return success({ kind: 'unbound', idempotencyKey });

  const { client_key_sha256: keyHash, ts, nonce } = parsed.value;
  if (keyHash !== encodeHex(await sha256(check.clientSpkiDer))) {
    return failure({ kind: 'binding-other-key' });
  }
  const ageSeconds = check.nowSeconds - ts;
  const isFresh = Math.abs(ageSeconds) <= check.maxAgeSeconds;
  if (!isFresh) return failure({ kind: 'binding-stale', ageSeconds });
  // Last, so that only a request that passes everything else can fill the memory.
  const isReplayed = await check.seen(nonce, ts + check.maxAgeSeconds);
  if (isReplayed) return failure({ kind: 'binding-replayed' });
  return success({ kind: 'bound', nonce, idempotencyKey });
}

function parseBinding(fields: Readonly<Record<string, unknown>>): Result<Binding | undefined> {
  const { client_key_sha256, ts, nonce } = fields;
  if ([client_key_sha256, ts, nonce].every((field) => field === undefined)) {
    return success(undefined);
  }
  if (typeof client_key_sha256 !== 'string' || !SHA256_HEX.test(client_key_sha256)) {
    return malformed('client_key_sha256');
  }
  if (typeof ts !== 'number' || !Number.isSafeInteger(ts)) return malformed('ts');
  if (typeof nonce !== 'string' || !NONCE.test(nonce)) return malformed('nonce');
  return success({ client_key_sha256, ts, nonce });
}

function isIdempotencyKey(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    value.length <= MAX_IDEMPOTENCY_KEY_CHARACTERS &&
    VISIBLE_ASCII.test(value)
  );
}

function malformed(field: string): Failure {
  return failure({ kind: 'binding-malformed', field });
}
