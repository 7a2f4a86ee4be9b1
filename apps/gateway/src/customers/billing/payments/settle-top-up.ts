import { and, eq, isNull, lt, or } from 'drizzle-orm';
import { recordDeed } from '../../../platform/audit.ts';
import type { Context } from '../../../platform/context.ts';
import {
  inTenant,
  paymentProfiles,
  topUpMovements,
  topUps,
  type Transaction,
} from '../../../platform/db/index.ts';
import { bookTransfer } from '../ledger/book-transfer.ts';
import {
  noteDecline,
  noteDispute,
  noteSuccess,
  type AutoTopUpOutcome,
} from './auto-top-up/outcome.ts';
import { isLaterStatus, isReversalOf, judge, type Findings, type Movement } from './judge.ts';
import type { SavedPaymentMethod } from './provider.ts';
import type { PaymentServices } from './services.ts';
import { isThisTopUp, lockTopUp, type TopUp, type TopUpStatus } from './top-up.ts';

/**
 * Books what Stripe says has moved and is not booked yet, in one transaction with the top-up's own row. Called for every piece
 * of news, in any order and as often as may be: it only ever adds what is missing.
 */
export async function settleTopUp(
  ctx: Context,
  services: PaymentServices,
  topUp: Pick<TopUp, 'organizationId' | 'id'>,
  findings: Findings,
): Promise<void> {
  const settled = await inTenant(ctx, topUp.organizationId, async (transaction) => {
    const row = await lockTopUp(transaction, topUp);
    const { isOurs, status, movements, oddities } = judge(row, findings);
    const booked = await bookMissing(transaction, ctx, row, movements);
    const outcome = isOurs ? await moveOn(transaction, ctx, row, { status, findings }) : undefined;
    if (booked.some(({ kind }) => kind === 'dispute')) await noteDispute(transaction, ctx, row);
    return { oddities, booked, outcome };
  });
  const { oddities, booked, outcome } = settled;
  for (const { kind } of booked) services.metrics.movement(kind);
  if (outcome !== undefined) services.metrics.autoTopUp(outcome);
  for (const oddity of new Set(oddities)) services.metrics.oddity(oddity);
  if (oddities.length === 0) return;
  services.log.error(
    {
      topUpId: topUp.id,
      organizationId: topUp.organizationId,
      oddities,
      checkoutId: findings.checkout?.id,
      paymentId: findings.payment?.id,
    },
    'a payment does not fit its top-up: nothing was credited for it',
  );
}

async function bookMissing(
  transaction: Transaction,
  ctx: Context,
  { id: topUpId, organizationId }: TopUp,
  movements: readonly Movement[],
): Promise<readonly Movement[]> {
  const rows = await transaction
    .select()
    .from(topUpMovements)
    .where(eq(topUpMovements.topUpId, topUpId));
  const known = new Set(rows.map(nameOf));
  const booked: Movement[] = [];
  for (const movement of movements) {
    const { kind, reference, amountNano } = movement;
    const reversed = isReversalOf[kind];
    const isDue = reversed === undefined || known.has(nameOf({ kind: reversed, reference }));
    if (!isDue || known.has(nameOf(movement))) continue;
    const { id: transferId } = await bookTransfer(transaction, ctx, {
      organizationId,
      kind,
      amountNano,
      from: 'clearing',
      requestId: reference,
    });
    const createdAt = new Date(ctx.clock());
    await transaction
      .insert(topUpMovements)
      .values({ transferId, organizationId, topUpId, kind, reference, amountNano, createdAt });
    await recordDeed(transaction, ctx, {
      action: `wallet.${kind}`,
      subject: transferId,
      organizationId,
      details: { amountNano: amountNano.toString(), topUpId, reference },
    });
    known.add(nameOf(movement));
    booked.push(movement);
  }
  return booked;
}

const nameOf = ({ kind, reference }: Pick<Movement, 'kind' | 'reference'>): string =>
  `${kind} ${reference}`;

interface News {
  readonly status: TopUpStatus;
  readonly findings: Findings;
}

/** What became of an automatic one, as soon as that is known. */
async function moveOn(
  transaction: Transaction,
  ctx: Context,
  row: TopUp,
  news: News,
): Promise<AutoTopUpOutcome | undefined> {
  const { status, findings } = news;
  await transaction.update(topUps).set(identityOf(row, findings)).where(isThisTopUp(row));
  if (!isLaterStatus(status, row.status)) return undefined;
  await transaction
    .update(topUps)
    .set({
      status,
      declineCode: status === 'failed' ? (findings.payment?.decline?.code ?? 'unknown') : null,
      endedAt: OVER.has(status) ? new Date(ctx.clock()) : null,
    })
    .where(isThisTopUp(row));
  return followUp(transaction, ctx, row, news);
}

async function followUp(
  transaction: Transaction,
  ctx: Context,
  row: TopUp,
  { status, findings: { payment } }: News,
): Promise<AutoTopUpOutcome | undefined> {
  if (status === 'paid' && row.savesPaymentMethod && payment?.paymentMethod) {
    await keepPaymentMethod(transaction, row, payment.paymentMethod);
  }
  if (row.kind !== 'automatic') return undefined;
  if (status === 'paid') return noteSuccess(transaction, row);
  return status === 'failed' ? noteDecline(transaction, ctx, row, payment?.decline) : undefined;
}

/** What Stripe calls it, which is known sooner or later. */
const identityOf = (row: TopUp, { checkout, payment }: Findings) => ({
  checkoutId: row.checkoutId ?? checkout?.id ?? null,
  checkoutUrl: row.checkoutUrl ?? checkout?.url ?? null,
  paymentId: row.paymentId ?? payment?.id ?? null,
});

const OVER = new Set<TopUpStatus>(['paid', 'failed', 'expired']);

/** In whichever order two of them become known, the later one stays. */
async function keepPaymentMethod(
  transaction: Transaction,
  { id, organizationId }: TopUp,
  method: SavedPaymentMethod,
): Promise<void> {
  await transaction
    .update(paymentProfiles)
    .set({ paymentMethodId: method.id, paymentMethodName: method.name, savedBy: id })
    .where(
      and(
        eq(paymentProfiles.organizationId, organizationId),
        or(isNull(paymentProfiles.savedBy), lt(paymentProfiles.savedBy, id)),
      ),
    );
}
