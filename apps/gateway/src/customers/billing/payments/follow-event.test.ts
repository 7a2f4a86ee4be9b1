import { nanoUsd } from '@sealgate/contract';
import { inArray } from 'drizzle-orm';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import {
  signStripe,
  startFakeStripe,
  STRIPE_SECRETS,
  type FakeEvent,
  type FakeStripe,
} from '../../../../../../e2e/fakes/stripe.ts';
import type { MemberActor } from '../../../platform/actor.ts';
import type { Context } from '../../../platform/context.ts';
import {
  auditLog,
  ledgerEntries,
  stripeEvents,
  topUps,
  wallets,
} from '../../../platform/db/index.ts';
import { createTestDatabase, type TestDatabase } from '../../../platform/db/testing.ts';
import { Secret } from '../../../platform/secret.ts';
import { testContext } from '../../../platform/testing-context.ts';
import { plantOrganization } from '../../organizations/testing.ts';
import {
  followEvent,
  openCheckout,
  openStripe,
  receiveEvent,
  reconcile,
  type PaymentProvider,
} from '../index.ts';
import { testPayments } from '../testing.ts';

let database: TestDatabase;
let ctx: Context;
let stripe: FakeStripe;
let provider: PaymentProvider;
beforeAll(async () => {
  database = await createTestDatabase();
  ctx = testContext(database, { actor: { kind: 'system' } });
});
afterAll(() => database.close());
beforeEach(async () => {
  stripe = await startFakeStripe();
  provider = recalling(
    await openStripe({
      secretKey: new Secret(STRIPE_SECRETS.secretKey),
      webhookSecret: new Secret(STRIPE_SECRETS.webhookSecret),
      apiUrl: stripe.url,
    }),
  );
  return async () => {
    provider.close();
    await stripe.close();
  };
});

/** Which earlier answer comes instead of the present one, as if it had been under way for long. */
let recall: () => number | undefined = () => undefined;

function recalling(real: PaymentProvider): PaymentProvider {
  const answers = new Map<string, unknown[]>();
  const late = async <Answer>(id: string, asked: Promise<Answer>): Promise<Answer> => {
    const known = answers.get(id) ?? [];
    answers.set(id, known);
    known.push(await asked);
    const index = recall();
    return known[index === undefined ? known.length - 1 : index % known.length] as Answer;
  };
  return {
    ...real,
    readCheckout: (id) => late(id, real.readCheckout(id)),
    readPayment: (id) => late(id, real.readPayment(id)),
  };
}

/** Which of the things that are there. */
const which = fc.nat(50);
const cents = fc.integer({ min: 500, max: 100_000 });
/** What happens at Stripe, what of it arrives here, and when it is looked at. */
const happening = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('open' as const), owner: fc.nat(1), cents }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('pay' as const), which, isSlow: fc.boolean() }),
  },
  fc.record({ kind: fc.constant('decide' as const), which, isAccepted: fc.boolean() }),
  fc.record({ kind: fc.constant('expire' as const), which }),
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('refund' as const),
      which,
      share: fc.integer({ min: 1, max: 3 }),
    }),
  },
  fc.record({ kind: fc.constant('fail-refund' as const), which }),
  fc.record({ kind: fc.constant('dispute' as const), which, isQuestion: fc.boolean() }),
  fc.record({ kind: fc.constant('win' as const), which }),
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('arrive' as const),
      events: fc.array(which, { maxLength: 6 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('follow' as const),
      jobs: fc.array(which, { maxLength: 4 }),
    }),
  },
);
type Happening = typeof happening extends fc.Arbitrary<infer Value> ? Value : never;

const payments = () => testPayments(provider);
const at = <Item>(items: readonly Item[], index: number): Item | undefined =>
  items.length === 0 ? undefined : items[index % items.length];
const withStatus = (things: ReadonlyMap<string, Record<string, unknown>>, ...wanted: string[]) =>
  [...things].filter(([, { status }]) => wanted.includes(String(status))).map(([id]) => id);

async function arrive(events: readonly FakeEvent[]): Promise<void> {
  for (const event of events) {
    const body = Buffer.from(JSON.stringify(event));
    const signature = signStripe(body.toString(), ctx.clock());
    await receiveEvent(ctx, payments(), { body, signature });
  }
}

/** As jobs do it: several at once, and any of them again. */
const follow = (events: readonly FakeEvent[]): Promise<unknown> =>
  Promise.all(events.map(({ id }) => followEvent(ctx, payments(), id)));

let keys = 0;
const ACTS: {
  readonly [Kind in Happening['kind']]: (
    happening: Extract<Happening, { kind: Kind }>,
    owners: readonly string[],
  ) => Promise<unknown> | undefined;
} = {
  open: async ({ owner, cents }, owners) => {
    const organizationId = owners[owner] ?? '';
    const actor: MemberActor = {
      kind: 'key',
      keyId: 'key_1',
      organizationId,
      userId: undefined,
      role: 'owner',
    };
    await openCheckout({ ...ctx, actor }, payments(), {
      amountNano: nanoUsd(BigInt(cents) * 10_000_000n),
      idempotencyKey: `key ${(keys += 1)}`,
      savesPaymentMethod: false,
      successUrl: undefined,
      cancelUrl: undefined,
    });
    // To be recalled when it is not open any more.
    return provider.readCheckout([...stripe.sessions.keys()].at(-1) ?? '');
  },
  pay: ({ which, isSlow }) => {
    const session = at(withStatus(stripe.sessions, 'open'), which);
    if (session === undefined) return undefined;
    return provider.readPayment(stripe.pay(session, isSlow ? 'thinks' : 'accepts'));
  },
  decide: ({ which, isAccepted }) => {
    const payment = at(withStatus(stripe.payments, 'processing'), which);
    if (payment !== undefined) stripe.decide(payment, isAccepted);
    return undefined;
  },
  expire: ({ which }) => {
    const session = at(withStatus(stripe.sessions, 'open'), which);
    if (session !== undefined) stripe.expire(session);
    return undefined;
  },
  refund: ({ which, share }) => {
    const payment = at(withStatus(stripe.payments, 'succeeded'), which);
    if (payment === undefined) return undefined;
    stripe.refund(payment, Math.floor(amountOf(payment) / 4) * share, 'pending');
    return undefined;
  },
  'fail-refund': ({ which }) => {
    const refund = at(withStatus(stripe.ofKind('refund'), 'pending'), which);
    if (refund !== undefined) stripe.failRefund(refund);
    return undefined;
  },
  dispute: ({ which, isQuestion }) => {
    const payment = at(withStatus(stripe.payments, 'succeeded'), which);
    if (payment === undefined) return undefined;
    stripe.dispute(payment, amountOf(payment), isQuestion ? 'question' : 'withdrawn');
    return undefined;
  },
  win: ({ which }) => {
    const states = ['needs_response', 'warning_needs_response'];
    const dispute = at(withStatus(stripe.ofKind('dispute'), ...states), which);
    if (dispute !== undefined) stripe.winDispute(dispute);
    return undefined;
  },
  arrive: ({ events }) => arrive(events.flatMap((index) => at(stripe.events, index) ?? [])),
  follow: ({ jobs }) => follow(jobs.flatMap((index) => at(stripe.events, index) ?? [])),
};

const amountOf = (payment: string): number => Number(stripe.payments.get(payment)?.['amount']);

/** What Stripe holds of an organization, reckoned from Stripe's side alone. */
function heldAtStripe(organizationId: string): bigint {
  const own = [...stripe.payments.values()].filter(
    ({ status, metadata }) =>
      status === 'succeeded' &&
      (metadata as Record<string, unknown>)['organization_id'] === organizationId,
  );
  const ids = new Set(own.map(({ id }) => id));
  const sum = (
    things: Iterable<Record<string, unknown>>,
    of: (thing: Record<string, unknown>) => number,
  ) => [...things].reduce((total, thing) => total + of(thing), 0);
  const theirs = (object: string) =>
    [...stripe.ofKind(object).values()].filter((thing) => ids.has(String(thing['payment_intent'])));
  const paid = sum(own, ({ amount }) => Number(amount));
  const refunded = sum(
    theirs('refund').filter(({ status }) => status !== 'failed'),
    ({ amount }) => Number(amount),
  );
  const disputed = sum(theirs('dispute'), ({ balance_transactions: booked }) =>
    sum(booked as Record<string, unknown>[], ({ amount }) => Number(amount)),
  );
  return BigInt(paid - refunded + disputed) * 10_000_000n;
}

/** Each booked twice would be there twice. */
async function booked(owners: readonly string[]): Promise<readonly string[]> {
  const rows = await database.admin
    .select()
    .from(ledgerEntries)
    .where(inArray(ledgerEntries.organizationId, [...owners]));
  return rows
    .filter(({ account }) => account === 'wallet')
    .map(({ kind, requestId }) => `${kind} ${requestId}`)
    .toSorted();
}

test('after any history, in whatever order and however often its events arrive, wallets hold what Stripe holds', async () => {
  const history = fc.tuple(
    fc.array(happening, { minLength: 5, maxLength: 40 }),
    fc.infiniteStream(fc.nat(1_000_000)),
  );
  await fc.assert(
    fc.asyncProperty(history, async ([happenings, chance]) => {
      const planted = await Promise.all([plantOrganization(ctx), plantOrganization(ctx)]);
      const owners = planted.map(({ id }) => id);
      recall = () => (chance.next().value % 2 === 0 ? chance.next().value : undefined);
      for (const happening of happenings) await ACTS[happening.kind](happening as never, owners);
      const shuffled = stripe.events
        .map((event) => [chance.next().value, event] as const)
        .toSorted(([one], [other]) => one - other)
        .map(([, event]) => event);
      await arrive(shuffled);
      await follow(shuffled);
      recall = () => undefined;
      await follow(shuffled);
      const once = await booked(owners);
      expect(new Set(once).size).toBe(once.length);
      recall = () => chance.next().value;
      for (let replay = 0; replay < 3; replay += 1) {
        await arrive(shuffled.toReversed());
        await follow(shuffled.toReversed());
      }
      expect(await booked(owners)).toEqual(once);
      const held = await database.admin
        .select()
        .from(wallets)
        .where(inArray(wallets.organizationId, owners));
      expect(new Map(held.map((row) => [row.organizationId, row.balanceNano]))).toEqual(
        new Map(owners.map((id) => [id, heldAtStripe(id)])),
      );
      const deeds = await database.admin
        .select()
        .from(auditLog)
        .where(inArray(auditLog.organizationId, owners));
      expect(deeds.filter(({ action }) => action.startsWith('wallet.'))).toHaveLength(once.length);
      const states = await database.admin
        .select()
        .from(topUps)
        .where(inArray(topUps.organizationId, owners));
      const wanted = { open: 'open', expired: 'expired', complete: 'paid' } as const;
      for (const { checkoutId, status } of states) {
        const session = stripe.sessions.get(checkoutId ?? '');
        if (session?.['payment_status'] !== 'unpaid' || session['status'] !== 'complete') {
          expect(status).toBe(wanted[session?.['status'] as keyof typeof wanted]);
        } else expect(['processing', 'failed']).toContain(status);
      }
      expect((await reconcile(database)).discrepancies).toEqual([]);
      await database.admin.delete(stripeEvents);
      stripe.forget();
    }),
    { numRuns: 40, endOnFailure: true },
  );
}, 240_000);
