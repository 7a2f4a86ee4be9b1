import { createHmac, randomBytes } from 'node:crypto';
import { Secret } from '../secret.ts';

/** One event on its way, as Standard Webhooks sees it (https://www.standardwebhooks.com). */
export interface WebhookMessage {
  /** The same for each try of one event: receivers tell repeats by it. */
  readonly id: string;
  readonly sentAtMs: number;
  readonly body: string;
}

const PREFIX = 'whsec_';
const SECRET_BYTES = 24;

export const mintSigningSecret = (): Secret =>
  new Secret(PREFIX + randomBytes(SECRET_BYTES).toString('base64'));

/**
 * The headers that let the receiver know who sent it, and when. With several secrets there is a signature of each: whoever
 * knows one of them can tell.
 */
export function signWebhook(
  message: WebhookMessage,
  secrets: readonly Secret[],
): Record<string, string> {
  const { id, body } = message;
  const timestamp = String(Math.floor(message.sentAtMs / 1000));
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.reveal().slice(PREFIX.length), 'base64');
    return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
  });
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': signatures.join(' '),
  };
}
