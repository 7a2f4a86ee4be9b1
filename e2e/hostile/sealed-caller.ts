import {
  constants,
  createCipheriv,
  createPublicKey,
  generateKeyPair,
  publicEncrypt,
  randomBytes,
  type KeyObject,
} from 'node:crypto';
import { promisify } from 'node:util';
import {
  bindingOf,
  encodePublicKeyHeader,
  openResponse,
  RSA_OAEP_SHA256,
  unwrapWith,
} from '@sealgate/protocol';
import type { RawAnswer } from './raw-socket.ts';

/** The bytes that an envelope carries, before they are printed. */
export interface SealedParts {
  readonly ciphertext: Buffer;
  readonly nonce: Buffer;
  readonly tag: Buffer;
  readonly wrappedKey: Buffer;
}

export interface Sealing {
  /** What is wrapped with the server's key. */
  readonly aesKey?: Buffer;
  readonly serverKey?: KeyObject;
  readonly padding?: number;
  readonly oaepHash?: string;
}

/** Speaks sealed chat on OpenSSL alone, and says whatever a test wants. */
export interface SealedCaller {
  /** As it goes into `X-Public-Key`. */
  readonly publicKeyHeader: string;
  seal(plaintext: string | Buffer, sealing?: Sealing): SealedParts;
  /** The payload with the fields that our SDK adds. */
  bind(payload: object): Promise<object>;
  send(body: string | Uint8Array, headers?: Record<string, string>): Promise<RawAnswer>;
  open(answer: RawAnswer): Promise<Record<string, unknown>>;
}

const AES_KEY_BYTES = 32;
const NONCE_BYTES = 12;

export async function sealedCaller(gateway: {
  url(): string;
  readonly key: string;
}): Promise<SealedCaller> {
  const pem = await fetch(`${gateway.url()}/pki/public_key`).then((answer) => answer.text());
  const serverKey = createPublicKey(pem);
  const pair = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
  const ownPem = pair.publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const unwrap = unwrapWith(
    await crypto.subtle.importKey(
      'pkcs8',
      pair.privateKey.export({ type: 'pkcs8', format: 'der' }),
      RSA_OAEP_SHA256,
      false,
      ['decrypt'],
    ),
  );
  const publicKeyHeader = encodePublicKeyHeader(ownPem);
  return {
    publicKeyHeader,
    seal: (plaintext, sealing) => seal(plaintext, { serverKey, ...sealing }),
    bind: async (payload) => ({
      ...payload,
      ...(await bindingOf(
        pair.publicKey.export({ type: 'spki', format: 'der' }),
        Date.now() / 1000,
        randomBytes(16),
      )),
    }),
    send: async (body, headers) => {
      const answer = await fetch(`${gateway.url()}/v1/chat/secure_completion`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${gateway.key}`,
          'content-type': 'application/octet-stream',
          'x-payload-id': 'payload-1',
          'x-public-key': publicKeyHeader,
          ...headers,
        },
        body: typeof body === 'string' ? body : new Uint8Array(body),
      });
      return {
        status: answer.status,
        headers: Object.fromEntries(answer.headers),
        body: await answer.text(),
      };
    },
    open: async ({ body }) => {
      const opened = await openResponse(Buffer.from(body), unwrap);
      if (!opened.ok) throw new Error(`not opened (${opened.problem.kind}): ${body}`);
      return JSON.parse(Buffer.from(opened.value.plaintext).toString()) as Record<string, unknown>;
    },
  };
}

function seal(
  plaintext: string | Buffer,
  sealing: Sealing & { readonly serverKey: KeyObject },
): SealedParts {
  const { aesKey = randomBytes(AES_KEY_BYTES), serverKey } = sealing;
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(`aes-${aesKey.length === 16 ? 128 : 256}-gcm`, aesKey, nonce);
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  const { padding = constants.RSA_PKCS1_OAEP_PADDING, oaepHash = 'sha256' } = sealing;
  return {
    ciphertext,
    nonce,
    tag: cipher.getAuthTag(),
    wrappedKey: publicEncrypt({ key: serverKey, padding, oaepHash }, aesKey),
  };
}

/** Prints an envelope as the published Python client does. */
export function printSealed(parts: SealedParts, changes: object = {}): string {
  return JSON.stringify({
    version: '1.0',
    algorithm: 'hybrid-aes256-rsa4096',
    encrypted_payload: {
      ciphertext: parts.ciphertext.toString('base64'),
      nonce: parts.nonce.toString('base64'),
      tag: parts.tag.toString('base64'),
    },
    encrypted_aes_key: parts.wrappedKey.toString('base64'),
    key_algorithm: 'RSA-OAEP-SHA256',
    payload_algorithm: 'AES-256-GCM',
    ...changes,
  });
}
