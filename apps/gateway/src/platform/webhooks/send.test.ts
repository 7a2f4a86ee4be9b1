import { afterEach, describe, expect, test } from 'vitest';
import { Secret } from '../secret.ts';
import { createWebhookSender, mintSigningSecret, signWebhook } from './index.ts';
import { createTestReceiver } from './testing.ts';

const endings: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0)) await end();
});

const secret = mintSigningSecret();
const message = { id: 'evt_1', sentAtMs: 1_700_000_000_000, body: '{"type":"key.alert_test"}' };

const receiverOf = async (...answer: Parameters<typeof createTestReceiver>) => {
  const receiver = await createTestReceiver(...answer);
  endings.push(() => receiver.close());
  return receiver;
};
const senderOf = (options: Parameters<typeof createWebhookSender>[0] = {}) => {
  const sender = createWebhookSender(options);
  endings.push(() => sender.close());
  return sender;
};

test('the signature is the one of the Standard Webhooks specification’s own example', () => {
  const headers = signWebhook(
    {
      id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      sentAtMs: 1_614_265_330_000,
      body: '{"test": 2432232314}',
    },
    new Secret('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'),
  );
  expect(headers).toEqual({
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  });
});

describe('a webhook', () => {
  test('is posted once, signed, to the path and query of its URL', async () => {
    const receiver = await receiverOf();
    const sender = senderOf({ connect: receiver.connect });
    const delivery = await sender.send('https://hooks.example.com/a?b=c', message, secret);
    expect(delivery).toEqual({ kind: 'delivered', status: 204 });
    expect(receiver.received).toMatchObject([
      {
        path: '/a?b=c',
        body: message.body,
        headers: {
          host: 'hooks.example.com',
          'content-type': 'application/json',
          ...signWebhook(message, secret),
        },
      },
    ]);
  });

  test('is not sent on where a redirect points', async () => {
    const receiver = await receiverOf((response) =>
      response.writeHead(307, { location: 'https://elsewhere.example.com/' }).end(),
    );
    const sender = senderOf({ connect: receiver.connect });
    const delivery = await sender.send('https://hooks.example.com/', message, secret);
    expect(delivery).toEqual({ kind: 'not-accepted', status: 307 });
    expect(receiver.received).toHaveLength(1);
  });

  test('gives up on a receiver that stays silent', async () => {
    const receiver = await receiverOf(() => undefined);
    const limits = { connectMs: 1_000, answerMs: 20 };
    const sender = senderOf({ limits, connect: receiver.connect });
    expect(await sender.send('https://hooks.example.com/', message, secret)).toEqual({
      kind: 'timeout',
    });
  });

  test('does not wait for the end of an endless answer', async () => {
    const receiver = await receiverOf((response) => {
      response.writeHead(200).write('and so on');
    });
    const sender = senderOf({ connect: receiver.connect });
    expect(await sender.send('https://hooks.example.com/', message, secret)).toEqual({
      kind: 'delivered',
      status: 200,
    });
  });

  test.each([
    'https://127.0.0.1',
    'https://localhost',
    'https://[::1]',
    'https://[::ffff:127.0.0.1]',
    'https://2130706433',
    'https://0x7f.1',
    'https://0',
    'https://user:password@127.0.0.1',
  ])('to %s never connects to this machine', async (origin) => {
    const receiver = await receiverOf();
    const delivery = await senderOf().send(`${origin}:${receiver.port}/`, message, secret);
    expect(delivery).toEqual({ kind: 'unreachable' });
    expect(receiver.connectionCount()).toBe(0);
  });

  test('never travels without TLS', async () => {
    const receiver = await receiverOf();
    const sender = senderOf({ connect: receiver.connect });
    const delivery = await sender.send('http://hooks.example.com/', message, secret);
    expect(delivery).toEqual({ kind: 'unreachable' });
    expect(receiver.connectionCount()).toBe(0);
  });
});
