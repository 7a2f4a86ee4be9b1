/** What the client alone knows about an answer, and what a quote must match. */
export interface Origin {
  readonly payloadId: string;
  /** The key to which the request was sealed. */
  readonly serverSpkiDer: Uint8Array;
  readonly sentAtMs: number;
  readonly receivedAtMs: number;
}

/** Kept beside the answers, not in them: what is in an answer could come from the server. */
const origins = new WeakMap<object, Origin>();

export function rememberOrigin(answer: object, origin: Origin): void {
  origins.set(answer, origin);
}

export function originOf(answer: object): Origin | undefined {
  return origins.get(answer);
}
