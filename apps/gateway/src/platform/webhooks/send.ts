import { Agent, errors, type buildConnector } from 'undici';
import { publicConnector } from '../net/index.ts';
import type { Secret } from '../secret.ts';
import { signWebhook, type WebhookMessage } from './sign.ts';

/** How it ended. An address that is not public counts as unreachable: nobody learns what leads inside. */
export type Delivery =
  | { readonly kind: 'delivered' | 'not-accepted'; readonly status: number }
  | { readonly kind: 'unreachable' | 'timeout' };

export interface WebhookSender {
  /** Tries once. Never throws, never follows a redirect, never reads the answer's body. */
  send(url: string, message: WebhookMessage, secret: Secret): Promise<Delivery>;
  close(): Promise<void>;
}

export interface WebhookLimits {
  readonly connectMs: number;
  readonly answerMs: number;
}

const LIMITS: WebhookLimits = { connectMs: 3_000, answerMs: 5_000 };

/** Sends to public addresses over HTTPS; `connect` replaces the way there, for tests. */
export function createWebhookSender({
  limits = LIMITS,
  connect = publicConnector(limits),
}: {
  readonly limits?: WebhookLimits;
  readonly connect?: buildConnector.connector;
} = {}): WebhookSender {
  // Without keep-alive: alerts are rare, and each is to be looked up anew.
  const agent = new Agent({ connect, pipelining: 0, maxHeaderSize: 16 * 1024 });
  return {
    send: async (url, message, secret) => {
      const { protocol, origin, pathname, search } = new URL(url);
      if (protocol !== 'https:') return { kind: 'unreachable' };
      try {
        const answer = await agent.request({
          origin,
          path: pathname + search,
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            'user-agent': 'Sealgate-Webhooks/1',
            ...signWebhook(message, secret),
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
    },
    close: () => agent.destroy(),
  };
}

const judge = (status: number): Delivery => ({
  kind: status >= 200 && status < 300 ? 'delivered' : 'not-accepted',
  status,
});

const isTimeout = (error: unknown): boolean =>
  error instanceof errors.ConnectTimeoutError ||
  error instanceof errors.HeadersTimeoutError ||
  (error instanceof DOMException && error.name === 'TimeoutError');
