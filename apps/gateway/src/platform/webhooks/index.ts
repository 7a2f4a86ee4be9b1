export { givesUpAt, nextTryAt } from './next-try.ts';
export { createWebhookSender, type Delivery, type WebhookSender } from './send.ts';
export { mintSigningSecret, signWebhook, type WebhookMessage } from './sign.ts';
