import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, errors, type buildConnector } from 'undici';
import { publicConnector, resolveByDns } from '../net/index.ts';
import type { Secret } from '../secret.ts';
import { signWebhook, type WebhookMessage } from './sign.ts';

/** How it ended. Whatever has no connection to show for it is unreachable: nobody learns what leads inside. */
export type Delivery =
  | { readonly kind: 'delivered' | 'not-accepted'; readonly status: number }
  | { readonly kind: 'unreachable' | 'timeout' };

export interface WebhookSender {
  /** Tries once. Never throws, never follows a redirect, never reads the answer's body. */
  send(url: string, message: WebhookMessage, secrets: readonly Secret[]): Promise<Delivery>;
  /** The same for somebody who waits for the answer, and must not learn from how long it takes why there is none. */
  probe(url: string, message: WebhookMessage, secrets: readonly Secret[]): Promise<Delivery>;
  close(): Promise<void>;
}

export interface WebhookLimits {
  readonly connectMs: number;
  readonly answerMs: number;
  /** After which a probe is told that there is no connection. undici’s timers are late by up to a second. */
  readonly probeMs: number;
}

const LIMITS: WebhookLimits = { connectMs: 3_000, answerMs: 5_000, probeMs: 4_000 };
/** An empty one is 443. On others there is more than web servers to be talked to. */
const PORTS: ReadonlySet<string> = new Set(['', '8443']);

/** Sends to public addresses over HTTPS; `connect` replaces the way there and `ports` the ports, for tests. */
export function createWebhookSender({
  limits = LIMITS,
  connect = publicConnector({ ...limits, resolve: resolveByDns(limits) }),
  ports = PORTS,
}: {
  readonly limits?: WebhookLimits;
  readonly connect?: buildConnector.connector;
  readonly ports?: ReadonlySet<string>;
} = {}): WebhookSender {
  // Without keep-alive: alerts are rare, and each is to be looked up anew.
  const agent = new Agent({ connect, pipelining: 0, maxHeaderSize: 16 * 1024 });
  const send: WebhookSender['send'] = async (url, message, secrets) => {
    const { protocol, port, origin, pathname, search } = new URL(url);
    if (protocol !== 'https:' || !ports.has(port)) return { kind: 'unreachable' };
    try {
      const answer = await agent.request({
        origin,
        path: pathname + search,
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'user-agent': 'Sealgate-Webhooks/1',
          ...signWebhook(message, secrets),
        },
        body: message.body,
        headersTimeout: limits.answerMs,
        signal: AbortSignal.timeout(limits.connectMs + limits.answerMs),
      });
      answer.body.on('error', () => undefined).destroy();
      return judge(answer.statusCode);
    } catch (error) {
      return { kind: isTimeout(error) ? 'timeout' : 'unreachable' };
    }
  };
  return {
    send,
    probe: async (url, message, secrets) => {
      const longest = sleep(limits.probeMs, undefined, { ref: false });
      const delivery = await send(url, message, secrets);
      if (delivery.kind === 'unreachable') await longest;
      return delivery;
    },
    close: () => agent.destroy(),
  };
}

const judge = (status: number): Delivery => ({
  kind: status >= 200 && status < 300 ? 'delivered' : 'not-accepted',
  status,
});

/** The connection was there. */
const isTimeout = (error: unknown): boolean =>
  error instanceof errors.HeadersTimeoutError ||
  (error instanceof DOMException && error.name === 'TimeoutError');
