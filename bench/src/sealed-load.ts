import { randomUUID, webcrypto } from 'node:crypto';
import {
  encodePublicKeyHeader,
  importPublicKey,
  PAYLOAD_ID_HEADER,
  PUBLIC_KEY_HEADER,
  PUBLIC_KEY_PATH,
  type Result,
  RSA_OAEP_SHA256,
  sealRequest,
  SECURE_COMPLETION_PATH,
  spkiToPem,
} from '@sealgate/protocol';
import type { Load } from './load.ts';
import { chatBody, type Durations } from './scenarios.ts';
import { requestOf, type Target } from './target.ts';

const DISTINCT_REQUESTS = 64;
const CONNECTIONS = 32;

/** Sealed requests as the published v1 clients send them, made before the measurement: only the server's part is measured. */
export async function sealedLoadOf(target: Target, durations: Durations): Promise<Load> {
  const response = await fetch(`http://127.0.0.1:${target.port}${PUBLIC_KEY_PATH}`);
  const serverKey = unwrapResult(await importPublicKey(await response.text()));
  const clientKey = encodePublicKeyHeader(await newPublicKey());
  const plaintext = new TextEncoder().encode(chatBody(target.model, false));
  const requests = await Promise.all(
    Array.from({ length: DISTINCT_REQUESTS }, async () => {
      const envelope = unwrapResult(await sealRequest(plaintext, serverKey));
      const headers = {
        ...target.headers,
        'content-type': 'application/octet-stream',
        [PAYLOAD_ID_HEADER]: randomUUID(),
        [PUBLIC_KEY_HEADER]: clientKey,
      };
      return requestOf({ headers }, SECURE_COMPLETION_PATH, Buffer.from(envelope).toString());
    }),
  );
  const { warmupMs, measureMs } = durations;
  return { port: target.port, requests, connections: CONNECTIONS, warmupMs, measureMs };
}

async function newPublicKey(): Promise<string> {
  const { publicKey } = await webcrypto.subtle.generateKey(
    { ...RSA_OAEP_SHA256, modulusLength: 4096, publicExponent: new Uint8Array([1, 0, 1]) },
    true,
    ['encrypt', 'decrypt'],
  );
  return spkiToPem(new Uint8Array(await webcrypto.subtle.exportKey('spki', publicKey)));
}

function unwrapResult<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  throw new Error(`sealing failed: ${result.problem.kind}`);
}
