import { PUBLIC_KEY_PATH, SECURE_COMPLETION_PATH, importPublicKey } from '@sealgate/protocol';
import type { Bytes, PublicKey } from '@sealgate/protocol';
import { Attempt } from '../attempt.ts';
import { SecurityError, errorOfResponse } from '../errors.ts';
import type { Runtime } from '../runtime.ts';
import { sealedWording } from './wording.ts';

/** Where and how sealed requests go. */
export interface Channel {
  /** Without `/v1` and without a final slash. */
  readonly url: string;
  readonly allowHttp: boolean;
  /** Milliseconds for each of the two exchanges of an attempt. */
  readonly timeoutMs: number;
  readonly maxRetries: number;
  /** Whether plaintext buffers are overwritten after use. */
  readonly isWiping: boolean;
  readonly runtime: Runtime;
  /** Takes events without content, keys or headers. */
  readonly debug: (event: string) => void;
}

/** The options that both secure clients share. */
export interface ChannelOptions {
  /** Permits `http://`, for a server on the same machine. Default false. */
  readonly allowHttp?: boolean | undefined;
  /** Overwrites plaintext buffers after use. Default true. */
  readonly secureMemory?: boolean | undefined;
  /** Milliseconds for one attempt. Default 60,000. */
  readonly timeout?: number | undefined;
  /** Prints what happens to the console, never content or keys. Default false. */
  readonly debug?: boolean | undefined;
  /** Attempts after the first, on 429, 500, 502, 503, 504 and broken connections. Default 2. */
  readonly maxRetries?: number | undefined;
}

const DEFAULT_TIMEOUT_MS = 60_000;
const DEFAULT_MAX_RETRIES = 2;

export function channelTo(url: string, options: ChannelOptions, runtime: Runtime): Channel {
  return {
    // The base URL of OpenAI clients ends in /v1; whoever copies it here means the same server.
    url: url.replace(/(\/v1)?\/*$/, ''),
    allowHttp: options.allowHttp ?? false,
    timeoutMs: options.timeout ?? DEFAULT_TIMEOUT_MS,
    maxRetries: options.maxRetries ?? DEFAULT_MAX_RETRIES,
    isWiping: options.secureMemory ?? true,
    runtime,
    debug: options.debug === true ? printDebug : () => undefined,
  };
}

/** The server's key as it is used, and as it was sent. */
export interface ServerKey {
  readonly pem: string;
  readonly publicKey: PublicKey;
}

/** Fetches the server's key. Over plain HTTP anyone on the way could put in their own. */
export async function fetchServerKey(channel: Channel, signal?: AbortSignal): Promise<ServerKey> {
  const isSafe = channel.url.startsWith('https://');
  if (!isSafe && !(channel.allowHttp && channel.url.startsWith('http://'))) {
    throw new SecurityError(
      'Sealed chat needs an https:// URL. For a server on this machine, pass allowHttp: true.',
    );
  }
  const init = { method: 'GET', cache: 'no-store' } as const;
  const pem = new TextDecoder().decode(await exchange(channel, PUBLIC_KEY_PATH, { init, signal }));
  const publicKey = await importPublicKey(pem);
  if (!publicKey.ok) {
    const message = 'The server sent something that is no suitable RSA public key.';
    throw new SecurityError(message, { cause: publicKey.problem });
  }
  return { pem, publicKey: publicKey.value };
}

/** Posts one sealed request and returns the sealed answer. */
export function postSealed(
  channel: Channel,
  request: { readonly envelope: Bytes; readonly headers: Readonly<Record<string, string>> },
  signal?: AbortSignal,
): Promise<Bytes> {
  const init = { method: 'POST', headers: request.headers, body: request.envelope } as const;
  return exchange(channel, SECURE_COMPLETION_PATH, { init, signal });
}

async function exchange(
  { url, timeoutMs, runtime }: Channel,
  path: string,
  { init, signal }: { readonly init: RequestInit; readonly signal: AbortSignal | undefined },
): Promise<Bytes> {
  const attempt = new Attempt(timeoutMs, signal);
  const bytes = await attempt.run(async () => {
    const response = await runtime.fetch(url + path, {
      ...init,
      // A redirect could lead away from TLS.
      redirect: 'manual',
      credentials: 'omit',
      signal: attempt.signal,
    });
    if (response.status !== 200) throw await errorOfResponse(response, sealedWording);
    return new Uint8Array(await response.arrayBuffer());
  });
  attempt.stopClock();
  return bytes;
}

function printDebug(event: string): void {
  // oxlint-disable-next-line no-console -- the option `debug` is the wish to see this
  console.debug(`sealgate: ${event}`);
}
