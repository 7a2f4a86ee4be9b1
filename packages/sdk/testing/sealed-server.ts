import { generateKeyPairSync } from 'node:crypto';
import {
  PUBLIC_KEY_PATH,
  RSA_OAEP_SHA256,
  checkBinding,
  decodePublicKeyHeader,
  importPublicKey,
  openRequest,
  sealResponse,
  unwrapWith,
} from '@sealgate/protocol';
import type { PublicKey, Result, TagLayout, Unwrap } from '@sealgate/protocol';
import { startScriptedServer } from './scripted-server.ts';
import type { Answer, ReceivedRequest, ScriptedServer } from './scripted-server.ts';

interface OpenedCall {
  readonly payload: Record<string, unknown>;
  readonly clientKey: PublicKey;
  readonly tagLayout: TagLayout;
  /** The verdict of the protocol's own server side, with all nonces of this server remembered. */
  readonly binding: string;
}

export interface SealedServer extends ScriptedServer {
  readonly publicKeyPem: string;
  readonly spkiDer: Uint8Array;
  /** What a server reads in a request. */
  open(request: ReceivedRequest | undefined): Promise<OpenedCall>;
  /** Opens the request, answers sealed: a completion with these fields. */
  sealed(fields?: object, change?: { tagLayout?: TagLayout; toKey?: PublicKey }): Answer;
}

/** PEM, and PKCS#8 DER. */
export interface ServerKeyPair {
  readonly publicKey: string;
  readonly privateKey: Uint8Array;
}

// Made once: a key per test would take longer than all else.
const throwAwayPair: ServerKeyPair = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'der' },
});

/** Plays the gateway with the protocol's server functions. The clock is the runtime's. */
export async function startSealedServer(
  nowMs: number,
  pair: ServerKeyPair = throwAwayPair,
): Promise<SealedServer> {
  const publicKey = demand(await importPublicKey(pair.publicKey));
  const privateKey = await crypto.subtle.importKey(
    'pkcs8',
    new Uint8Array(pair.privateKey),
    RSA_OAEP_SHA256,
    false,
    ['decrypt'],
  );
  const server = await startScriptedServer({
    [PUBLIC_KEY_PATH]: (response) => response.writeHead(200).end(pair.publicKey),
  });
  const open = openWith(unwrapWith(privateKey), nowMs);
  return {
    ...server,
    publicKeyPem: pair.publicKey,
    spkiDer: publicKey.spkiDer,
    open,
    sealed:
      (fields = {}, change = {}) =>
      async (response, request) => {
        const { clientKey, tagLayout } = await open(request);
        const completion = { id: 'gen_1', object: 'chat.completion', choices: [], ...fields };
        const plaintext = new TextEncoder().encode(JSON.stringify(completion));
        const envelope = await sealResponse(plaintext, change.toKey ?? clientKey, {
          tagLayout: change.tagLayout ?? tagLayout,
          processedAt: Math.floor(nowMs / 1000),
        });
        return response.writeHead(200, { 'content-type': 'application/json' }).end(envelope);
      },
  };
}

function openWith(unwrap: Unwrap, nowMs: number): SealedServer['open'] {
  const opened = new Map<ReceivedRequest, Promise<OpenedCall>>();
  const nonces = new Set<string>();
  const openOnce = async (request: ReceivedRequest): Promise<OpenedCall> => {
    const pem = demand(decodePublicKeyHeader(String(request.headers['x-public-key'])));
    const clientKey = demand(await importPublicKey(pem));
    const { plaintext, tagLayout } = demand(await openRequest(request.body, unwrap));
    const payload = JSON.parse(new TextDecoder().decode(plaintext)) as Record<string, unknown>;
    const checked = await checkBinding(payload, {
      clientSpkiDer: clientKey.spkiDer,
      nowSeconds: Math.floor(nowMs / 1000),
      maxAgeSeconds: 60,
      seen: (nonce) => nonces.size === nonces.add(nonce).size,
    });
    return {
      payload,
      clientKey,
      tagLayout,
      binding: checked.ok ? checked.value.kind : checked.problem.kind,
    };
  };
  return async (request) => {
    if (!request) throw new Error('the test expected a request');
    const known = opened.get(request) ?? openOnce(request);
    opened.set(request, known);
    return known;
  };
}

export function demand<Value>(result: Result<Value>): Value {
  if (result.ok) return result.value;
  throw new Error(`the fake server met ${result.problem.kind}`);
}
