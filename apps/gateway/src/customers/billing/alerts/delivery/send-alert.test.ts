import { eq, sql } from 'drizzle-orm';
import { Webhook } from 'standardwebhooks';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Context } from '../../../../platform/context.ts';
import {
  alertDeliveries,
  alertMessages,
  alerts,
  apiKeys,
  auditLog,
  organizations,
} from '../../../../platform/db/index.ts';
import { createFragileDatabase } from '../../../../platform/db/testing-outage.ts';
import { createTestDatabase, type TestDatabase } from '../../../../platform/db/testing.ts';
import { IDLE_JOBS, runDueJobs } from '../../../../platform/jobs/testing.ts';
import { Secret } from '../../../../platform/secret.ts';
import { testContext } from '../../../../platform/testing-context.ts';
import { createVault } from '../../../../platform/vault.ts';
import { createWebhookSender, type WebhookSender } from '../../../../platform/webhooks/index.ts';
import {
  createTestReceiver,
  type ReceivedWebhook,
  type TestReceiver,
} from '../../../../platform/webhooks/testing.ts';
import { updateKey } from '../../../keys/index.ts';
import { forgetAlerts, resumeAlerts, sendAlert, type AlertSending } from '../../index.ts';
import { plantCappedKey, raisedIn, spend } from '../testing.ts';

const DOLLAR = 1_000_000_000n;
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const URL = 'https://hooks.example.com/alerts';

let database: TestDatabase;
let ctx: Context;
let nowMs: number;
let receiver: TestReceiver;
/** What the receiver answers; `undefined`: nothing. */
let status: number | undefined;
let webhooks: WebhookSender;
let tried: string[];

beforeAll(async () => {
  database = await createTestDatabase();
  ctx = testContext(database, { clock: () => nowMs, actor: { kind: 'system' } });
});
afterAll(() => database.close());
beforeEach(async () => {
  nowMs = Date.UTC(2026, 0, 2);
  status = 204;
  tried = [];
  receiver = await createTestReceiver((response) => {
    if (status !== undefined) response.writeHead(status).end();
  });
  const limits = { connectMs: 1_000, answerMs: 50, probeMs: 0 };
  webhooks = createWebhookSender({ limits, connect: receiver.connect });
});
afterEach(async () => {
  await webhooks.close();
  await receiver.close();
  await database.admin.delete(alertMessages);
  await database.admin.execute(sql`delete from graphile_worker._private_jobs`);
});

const sending = (changes: Partial<AlertSending> = {}): AlertSending => ({
  webhooks,
  random: () => 0.5,
  onTry: (outcome) => void tried.push(outcome),
  ...changes,
});
/** Everything that a gateway does by itself at this moment. */
const pass = async (options = sending()): Promise<void> => {
  await resumeAlerts(ctx);
  await runDueJobs({
    database,
    jobs: {
      ...IDLE_JOBS,
      'send-alert': (reference) => sendAlert(ctx, options, reference),
      'resume-alerts': () => resumeAlerts(ctx),
    },
  });
};
/** A key whose cap is half spent, so that one alert waits to be sent. */
const plantAlert = async () => {
  const planted = await plantCappedKey(ctx, { alertWebhook: { url: URL } });
  await spend(ctx, [{ ...planted.spending, nano: 5n * DOLLAR }]);
  return planted;
};
const deliveriesOf = (organizationId: string) =>
  database.admin
    .select()
    .from(alertDeliveries)
    .where(eq(alertDeliveries.organizationId, organizationId))
    .orderBy(alertDeliveries.attempt);
const messageOf = async (organizationId: string) => {
  const [message, ...others] = await database.admin
    .select()
    .from(alertMessages)
    .where(eq(alertMessages.organizationId, organizationId));
  if (message === undefined || others.length > 0) throw new Error('not one message');
  return message;
};
/** As the receiver does it, at the moment of sending. */
const verify = (received: ReceivedWebhook | undefined, secret: string): unknown => {
  vi.useFakeTimers({ toFake: ['Date'], now: nowMs });
  try {
    const headers = (received?.headers ?? {}) as Record<string, string>;
    return new Webhook(secret).verify(received?.body ?? '', headers);
  } finally {
    vi.useRealTimers();
  }
};

describe('an alert', () => {
  test('reaches its webhook, signed for whoever verifies with the published package, and is in the log', async () => {
    const { organizationId, keyId, signingSecret } = await plantAlert();
    nowMs += 1_500;
    await pass();
    expect(receiver.received).toHaveLength(1);
    const message = await messageOf(organizationId);
    expect(verify(receiver.received[0], signingSecret?.reveal() ?? '')).toEqual(
      JSON.parse(message.body),
    );
    expect(receiver.received[0]?.headers['webhook-id']).toBe(message.id);
    expect(message).toMatchObject({ state: 'delivered', attempts: 1 });
    expect(await deliveriesOf(organizationId)).toEqual([
      {
        id: expect.stringMatching(/^whd_/),
        organizationId,
        keyId,
        messageId: message.id,
        type: 'key.spend_threshold_reached',
        attempt: 1,
        outcome: 'delivered',
        status: 204,
        durationMs: 0,
        attemptedAt: new Date(nowMs),
        nextAttemptAt: null,
      },
    ]);
    expect(tried).toEqual(['delivered']);
    nowMs += DAY_MS;
    await pass();
    expect(receiver.received).toHaveLength(1);
  });

  test('is tried for a day, each time after a longer pause, with one id and one body, and then no more', async () => {
    const { organizationId, signingSecret } = await plantAlert();
    status = 500;
    const startMs = nowMs;
    const minutes: number[] = [];
    for (let tries = 1; (await messageOf(organizationId)).state === 'pending'; tries += 1) {
      const { nextAttemptAt } = await messageOf(organizationId);
      nowMs = nextAttemptAt.getTime() - 1;
      await pass();
      expect(receiver.received).toHaveLength(tries - 1);
      nowMs += 1;
      await pass();
      expect(receiver.received).toHaveLength(tries);
      minutes.push((nowMs - startMs) / MINUTE_MS);
      verify(receiver.received.at(-1), signingSecret?.reveal() ?? '');
    }
    expect(minutes).toEqual([0, 1, 3, 7, 15, 31, 63, 127, 255, 495, 735, 975, 1_215, 1_440]);
    expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect(new Set(receiver.received.map(({ body }) => body)).size).toBe(1);
    expect(await messageOf(organizationId)).toMatchObject({ state: 'failed' });
    const log = await deliveriesOf(organizationId);
    expect(log.map(({ attempt }) => attempt)).toEqual(minutes.map((_, index) => index + 1));
    expect(log.map(({ nextAttemptAt }) => nextAttemptAt?.getTime() ?? null)).toEqual([
      ...minutes.slice(1).map((minute) => startMs + minute * MINUTE_MS),
      null,
    ]);
    expect(tried).toEqual([...minutes.map(() => 'not-accepted'), 'given-up']);
    nowMs += DAY_MS;
    await pass();
    expect(receiver.received).toHaveLength(minutes.length);
  });

  test('gets through when its receiver is back, and is tried no more', async () => {
    const { organizationId } = await plantAlert();
    for (const answer of [503, undefined, 302, 200]) {
      status = answer;
      nowMs = (await messageOf(organizationId)).nextAttemptAt.getTime();
      await pass();
    }
    const log = await deliveriesOf(organizationId);
    expect(log.map(({ outcome, status }) => [outcome, status])).toEqual([
      ['not-accepted', 503],
      ['timeout', null],
      ['not-accepted', 302],
      ['delivered', 200],
    ]);
    expect(log.map(({ durationMs }) => durationMs)).toEqual([0, null, 0, 0]);
    expect(await messageOf(organizationId)).toMatchObject({ state: 'delivered', attempts: 4 });
  });

  test('is sent again with the same id when nobody could store how a try ended', async () => {
    const { organizationId } = await plantAlert();
    const fragile = await createFragileDatabase(database);
    const seen = { ...ctx, store: fragile.store };
    const { id: messageId } = await messageOf(organizationId);
    const dying: WebhookSender = {
      ...webhooks,
      send: async (...sent) => {
        const delivery = await webhooks.send(...sent);
        await fragile.cut();
        return delivery;
      },
    };
    const reference = { organizationId, messageId };
    await expect(sendAlert(seen, sending({ webhooks: dying }), reference)).rejects.toThrow();
    expect(receiver.received).toHaveLength(1);
    expect(await deliveriesOf(organizationId)).toEqual([]);
    expect(await messageOf(organizationId)).toMatchObject({ state: 'pending' });
    await fragile.close();

    await pass();
    expect(receiver.received).toHaveLength(1);
    nowMs += MINUTE_MS;
    await pass();
    expect(receiver.received.map(({ headers }) => headers['webhook-id'])).toEqual([
      messageId,
      messageId,
    ]);
    expect(await deliveriesOf(organizationId)).toMatchObject([
      { attempt: 2, outcome: 'delivered' },
    ]);
  });

  test('whose tries never come to an end is given up, also after the last of them', async () => {
    const { organizationId } = await plantAlert();
    const dying: WebhookSender = {
      ...webhooks,
      send: async (...sent) => {
        await webhooks.send(...sent);
        throw new Error('killed');
      },
    };
    const { id: messageId } = await messageOf(organizationId);
    const reference = { organizationId, messageId };
    const startMs = nowMs;
    for (let tries = 0; tries < 100; tries += 1) {
      const message = await messageOf(organizationId);
      if (message.state !== 'pending') break;
      nowMs = message.nextAttemptAt.getTime();
      await sendAlert(ctx, sending({ webhooks: dying }), reference).catch(() => undefined);
    }
    expect(await messageOf(organizationId)).toMatchObject({ state: 'failed' });
    expect(nowMs - startMs).toBeGreaterThan(DAY_MS);
    expect(nowMs - startMs).toBeLessThan(DAY_MS + 20 * MINUTE_MS);
    expect(tried).toEqual(['given-up']);
  });

  test('whose secret opens no more, as the master key is another, is given up after a day', async () => {
    const { organizationId } = await plantAlert();
    const { id: messageId } = await messageOf(organizationId);
    const other = { ...ctx, vault: createVault(new Secret('another master key')) };
    for (let tries = 0; tries < 100; tries += 1) {
      const message = await messageOf(organizationId);
      if (message.state !== 'pending') break;
      nowMs = message.nextAttemptAt.getTime();
      await sendAlert(other, sending(), { organizationId, messageId }).catch(() => undefined);
    }
    expect(await messageOf(organizationId)).toMatchObject({ state: 'failed' });
    expect(receiver.connectionCount()).toBe(0);
    expect(tried).toEqual(['given-up']);
  });

  test('is sent once although every gateway is asked to send it', async () => {
    const { organizationId } = await plantAlert();
    const { id: messageId } = await messageOf(organizationId);
    await Promise.all(
      Array.from({ length: 8 }, () => sendAlert(ctx, sending(), { organizationId, messageId })),
    );
    expect(receiver.received).toHaveLength(1);
    expect(await deliveriesOf(organizationId)).toHaveLength(1);
  });

  test('that nobody could try for days, as no gateway ran, is tried at least once', async () => {
    const { organizationId } = await plantAlert();
    nowMs += 3 * DAY_MS;
    status = 500;
    await pass();
    expect(receiver.received).toHaveLength(1);
    expect(await messageOf(organizationId)).toMatchObject({ state: 'failed' });
  });

  test('goes where the webhook is by now, signed for there', async () => {
    const { organizationId, keyId } = await plantAlert();
    const reference = { id: keyId, organizationId };
    const moved = { alertWebhook: { url: 'https://moved.example.com/' } };
    const { signingSecret } = await updateKey(ctx, reference, moved);
    await pass();
    expect(receiver.received[0]?.headers.host).toBe('moved.example.com');
    verify(receiver.received[0], signingSecret?.reveal() ?? '');
  });

  test('of a webhook that was taken away goes nowhere', async () => {
    const { organizationId, keyId } = await plantAlert();
    await updateKey(ctx, { id: keyId, organizationId }, { alertWebhook: null });
    await pass();
    expect(receiver.connectionCount()).toBe(0);
    expect(await messageOf(organizationId)).toMatchObject({ state: 'withdrawn' });
    expect(await deliveriesOf(organizationId)).toEqual([]);
  });

  test('is signed with a rotated secret too, for a day', async () => {
    const { organizationId, keyId, spending, signingSecret } = await plantAlert();
    const [old = ''] = [signingSecret?.reveal()];
    const reference = { id: keyId, organizationId };
    const rotation = { alertWebhook: { url: URL, isSecretRotated: true } };
    const rotated = await updateKey(ctx, reference, rotation);
    const fresh = rotated.signingSecret?.reveal() ?? '';
    nowMs += DAY_MS - 1;
    await pass();
    const [first] = receiver.received;
    expect([verify(first, fresh), verify(first, old)]).toEqual([
      expect.any(Object),
      expect.any(Object),
    ]);
    nowMs += 1;
    await spend(ctx, [{ ...spending, nano: 3n * DOLLAR }]);
    await pass();
    const second = receiver.received.at(-1);
    expect(second).not.toBe(first);
    expect(verify(second, fresh)).toEqual(expect.any(Object));
    expect(() => verify(second, old)).toThrow('signature');
  });

  test.each(['https://169.254.169.254/', 'https://10.0.0.1/', 'https://[fd00:ec2::254]/'])(
    'that somehow has the address %s is sent nowhere, and the log does not say why or after how long',
    async (url) => {
      const { organizationId, keyId } = await plantAlert();
      await database.admin
        .update(apiKeys)
        .set({ alertWebhookUrl: url })
        .where(eq(apiKeys.id, keyId));
      const real = createWebhookSender();
      await pass(sending({ webhooks: real }));
      await real.close();
      expect(await deliveriesOf(organizationId)).toMatchObject([
        { outcome: 'unreachable', status: null, durationMs: null },
      ]);
    },
  );
});

describe('410 Gone', () => {
  test('ends the webhook of a key at once, on record, and with it whatever waits for it', async () => {
    const { organizationId, keyId, spending } = await plantAlert();
    status = 500;
    await pass();
    await spend(ctx, [{ ...spending, nano: 3n * DOLLAR }]);
    status = 410;
    await pass();
    const [key] = await database.admin.select().from(apiKeys).where(eq(apiKeys.id, keyId));
    expect(key).toMatchObject({ alertWebhookUrl: null, alertWebhookSecret: null });
    const deeds = await database.admin
      .select()
      .from(auditLog)
      .where(eq(auditLog.organizationId, organizationId));
    expect(deeds.filter(({ action }) => action === 'key.end-alert-webhook')).toMatchObject([
      { subject: keyId, actorKind: 'system', details: { reason: expect.stringContaining('410') } },
    ]);
    status = 204;
    nowMs += DAY_MS;
    await pass();
    expect(receiver.received).toHaveLength(2);
    const states = await database.admin
      .select({ state: alertMessages.state })
      .from(alertMessages)
      .where(eq(alertMessages.organizationId, organizationId));
    expect(states.map(({ state }) => state).toSorted()).toEqual(['failed', 'withdrawn']);
    expect(tried).toEqual(['not-accepted', 'not-accepted', 'given-up']);
  });

  test('ends the webhook of an organization likewise', async () => {
    const { organizationId, keyId, spending } = await plantCappedKey(ctx, {
      alertWebhook: { url: URL },
    });
    // A webhook with a secret that opens for the organization.
    await database.admin
      .update(organizations)
      .set({
        alertWebhookUrl: URL,
        alertWebhookSecret: ctx.vault.seal(`alert-webhook:${organizationId}`, 'whsec_AAAA'),
      })
      .where(eq(organizations.id, organizationId));
    await updateKey(ctx, { id: keyId, organizationId }, { alertWebhook: null });
    await spend(ctx, [{ ...spending, nano: 5n * DOLLAR }]);
    status = 410;
    await pass();
    expect(receiver.received).toHaveLength(1);
    const [organization] = await database.admin
      .select()
      .from(organizations)
      .where(eq(organizations.id, organizationId));
    expect(organization?.alertWebhookUrl).toBeNull();
    const deeds = await database.admin
      .select()
      .from(auditLog)
      .where(eq(auditLog.action, 'organization.end-alert-webhook'));
    expect(deeds).toMatchObject([{ subject: organizationId, organizationId }]);
  });

  test('from where the webhook was before does not end the one that is there now', async () => {
    const { organizationId, keyId } = await plantAlert();
    const { id: messageId } = await messageOf(organizationId);
    status = 410;
    const moving: WebhookSender = {
      ...webhooks,
      send: async (...sent) => {
        const delivery = await webhooks.send(...sent);
        const alertWebhook = { url: 'https://moved.example.com/' };
        await updateKey(ctx, { id: keyId, organizationId }, { alertWebhook });
        return delivery;
      },
    };
    await sendAlert(ctx, sending({ webhooks: moving }), { organizationId, messageId });
    const [key] = await database.admin.select().from(apiKeys).where(eq(apiKeys.id, keyId));
    expect(key?.alertWebhookUrl).toBe('https://moved.example.com/');
  });
});

test('tries are forgotten after thirty days, what was raised is known for longer', async () => {
  const { organizationId, keyId, spending } = await plantAlert();
  await pass();
  nowMs += 30 * DAY_MS;
  await forgetAlerts(ctx);
  expect(await deliveriesOf(organizationId)).toHaveLength(1);
  nowMs += 1;
  await forgetAlerts(ctx);
  expect(await deliveriesOf(organizationId)).toEqual([]);
  expect(await database.admin.$count(alertMessages)).toBe(0);
  // A journal that comes late.
  await spend(ctx, [{ ...spending, nano: 1n }]);
  expect(await raisedIn(database, organizationId)).toEqual([`key ${keyId} 50`]);
  nowMs += 371 * DAY_MS;
  await forgetAlerts(ctx);
  expect(await database.admin.$count(alerts, eq(alerts.organizationId, organizationId))).toBe(0);
});
