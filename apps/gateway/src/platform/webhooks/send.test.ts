import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { publicConnector } from '../net/index.ts';
import { Secret } from '../secret.ts';
import { createWebhookSender, mintSigningSecret, signWebhook } from './index.ts';
import { createTestReceiver } from './testing.ts';

const endings: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0)) await end();
});

const secret = mintSigningSecret();
const secrets = [secret];
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
    [new Secret('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw')],
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
    const delivery = await sender.send('https://hooks.example.com/a?b=c', message, secrets);
    expect(delivery).toEqual({ kind: 'delivered', status: 204 });
    expect(receiver.received).toMatchObject([
      {
        path: '/a?b=c',
        body: message.body,
        headers: {
          host: 'hooks.example.com',
          'content-type': 'application/json',
          ...signWebhook(message, secrets),
        },
      },
    ]);
  });

  test('is not sent on where a redirect points', async () => {
    const receiver = await receiverOf((response) =>
      response.writeHead(307, { location: 'https://elsewhere.example.com/' }).end(),
    );
    const sender = senderOf({ connect: receiver.connect });
    const delivery = await sender.send('https://hooks.example.com/', message, secrets);
    expect(delivery).toEqual({ kind: 'not-accepted', status: 307 });
    expect(receiver.received).toHaveLength(1);
  });

  test('gives up on a receiver that stays silent', async () => {
    const receiver = await receiverOf(() => undefined);
    const limits = { connectMs: 1_000, answerMs: 20, probeMs: 0 };
    const sender = senderOf({ limits, connect: receiver.connect });
    expect(await sender.send('https://hooks.example.com/', message, secrets)).toEqual({
      kind: 'timeout',
    });
  });

  test('does not wait for the end of an endless answer', async () => {
    const receiver = await receiverOf((response) => {
      response.writeHead(200).write('and so on');
    });
    const sender = senderOf({ connect: receiver.connect });
    expect(await sender.send('https://hooks.example.com/', message, secrets)).toEqual({
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
    const sender = senderOf({ ports: new Set([String(receiver.port)]) });
    const delivery = await sender.send(`${origin}:${receiver.port}/`, message, secrets);
    expect(delivery).toEqual({ kind: 'unreachable' });
    expect(receiver.connectionCount()).toBe(0);
  });

  test('goes to the ports 443 and 8443, and to no other', async () => {
    const receiver = await receiverOf();
    const sender = senderOf({ connect: receiver.connect });
    const kinds = await Promise.all(
      ['', ':443', ':8443', ':22', ':465', ':6379', ':9200'].map(async (port) => {
        const url = `https://hooks.example.com${port}/`;
        return (await sender.send(url, message, secrets)).kind;
      }),
    );
    expect(kinds).toEqual([
      'delivered',
      'delivered',
      'delivered',
      ...Array.from({ length: 4 }, () => 'unreachable'),
    ]);
    expect(receiver.connectionCount()).toBe(3);
  });

  test('never travels without TLS', async () => {
    const receiver = await receiverOf();
    const sender = senderOf({ connect: receiver.connect });
    const delivery = await sender.send('http://hooks.example.com/', message, secrets);
    expect(delivery).toEqual({ kind: 'unreachable' });
    expect(receiver.connectionCount()).toBe(0);
  });
});

describe('a probe', () => {
  const limits = { connectMs: 20, answerMs: 20, probeMs: 60 };
  const refused: Parameters<typeof createWebhookSender>[0] = {
    limits,
    connect: (_target, callback) => callback(new Error('ECONNREFUSED'), null),
  };

  test.each([
    ['an address inside', 'https://10.0.0.1/', { limits }],
    ['a port that is not allowed', 'https://hooks.example.com:22/', { limits }],
    ['a host that refuses', 'https://hooks.example.com/', refused],
  ])(
    'tells of %s no sooner than of any other host without an answer',
    async (_what, url, options) => {
      let isOver = false;
      setTimeout(() => (isOver = true), limits.probeMs - 10);
      expect(await senderOf(options).probe(url, message, secrets)).toEqual({ kind: 'unreachable' });
      expect(isOver).toBe(true);
    },
  );

  test('of a receiver that answers waits for nothing else', async () => {
    const receiver = await receiverOf();
    const patient = { connectMs: 1_000, answerMs: 1_000, probeMs: 60_000 };
    const sender = senderOf({ limits: patient, connect: receiver.connect });
    const delivery = await sender.probe('https://hooks.example.com/', message, secrets);
    expect(delivery).toEqual({ kind: 'delivered', status: 204 });
  });

  test('of a host that is not connected to in time is unreachable, as any other', async () => {
    const connect = publicConnector({ ...limits, isAllowed: () => true, resolve: () => {} });
    const sender = senderOf({ limits: { ...limits, answerMs: 60_000 }, connect });
    expect(await sender.probe('https://hooks.example.com/', message, secrets)).toEqual({
      kind: 'unreachable',
    });
  });
});

describe('the package that receivers use', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date'], now: message.sentAtMs });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test('verifies what was sent, by any of the secrets that it was signed with', async () => {
    const receiver = await receiverOf();
    const sender = senderOf({ connect: receiver.connect });
    const older = mintSigningSecret();
    await sender.send('https://hooks.example.com/', message, [secret, older]);
    const [{ body, headers } = { body: '', headers: {} }] = receiver.received;
    for (const known of [secret, older]) {
      const verifier = new Webhook(known.reveal());
      expect(verifier.verify(body, headers as Record<string, string>)).toEqual({
        type: 'key.alert_test',
      });
    }
    const stranger = new Webhook(mintSigningSecret().reveal());
    expect(() => stranger.verify(body, headers as Record<string, string>)).toThrow('signature');
  });

  test('signs any body as we do', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.date({ min: new Date(0) }), (body, at) => {
        fc.pre(!Number.isNaN(at.getTime()));
        const signed = signWebhook({ id: 'whk_1', sentAtMs: at.getTime(), body }, secrets);
        const expected = new Webhook(secret.reveal()).sign('whk_1', at, body);
        expect(signed['webhook-signature']).toBe(expected);
      }),
    );
  });
});
