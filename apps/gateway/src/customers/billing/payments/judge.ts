import { nanoUsd, type NanoUsd } from '@sealgate/contract';
import type { topUpMovements } from '../../../platform/db/index.ts';
import type { ProviderCheckout, ProviderMoney, ProviderPayment } from './provider.ts';
import type { TopUp, TopUpStatus } from './top-up.ts';

export type MovementKind = (typeof topUpMovements.$inferSelect)['kind'];

/** Money that a payment has moved, each named by what Stripe calls it. */
export interface Movement {
  readonly kind: MovementKind;
  readonly reference: string;
  /** What the wallet gains; below zero: what it loses. */
  readonly amountNano: NanoUsd;
}

/** What does not fit: nothing is credited then, and a person has to look. */
export type Oddity =
  | 'other_top_up'
  | 'other_organization'
  | 'other_checkout'
  | 'other_payment'
  | 'other_customer'
  | 'other_amount'
  | 'other_currency';

/** What Stripe says of a top-up. */
export interface Findings {
  /** Nothing for an automatic one. */
  readonly checkout: ProviderCheckout | undefined;
  /** Nothing as long as nobody has tried to pay. */
  readonly payment: ProviderPayment | undefined;
}

export interface Judgement {
  /** Otherwise nothing of it may be believed. */
  readonly isOurs: boolean;
  readonly status: TopUpStatus;
  readonly movements: readonly Movement[];
  readonly oddities: readonly Oddity[];
}

/** What must be booked by now, and what cannot be right. Whoever asks later gets the same movements, or more of them. */
export function judge(topUp: TopUp, { checkout, payment }: Findings): Judgement {
  const oddities = [
    ...(checkout === undefined ? [] : oddCheckout(topUp, checkout)),
    ...(payment === undefined ? [] : oddPayment(topUp, payment)),
    ...(checkout !== undefined && payment !== undefined && checkout.paymentId !== payment.id
      ? (['other_payment'] as const)
      : []),
  ];
  if (oddities.length > 0) return { isOurs: false, status: topUp.status, movements: [], oddities };
  const status = statusOf(checkout, payment);
  const isMoved = status === 'paid' && payment !== undefined;
  const moved = isMoved ? movementsOf(topUp, payment) : { movements: [], oddities };
  return { isOurs: true, status, ...moved };
}

function statusOf(
  checkout: ProviderCheckout | undefined,
  payment: ProviderPayment | undefined,
): TopUpStatus {
  if (checkout?.state === 'expired' || checkout?.state === 'open') return checkout.state;
  if (payment?.state === 'failed') return 'failed';
  const isPaid = payment?.state === 'succeeded' && checkout?.state !== 'processing';
  return isPaid ? 'paid' : 'processing';
}

interface Marked {
  readonly topUpId: string | undefined;
  readonly organizationId: string | undefined;
  readonly customerId: string | undefined;
}

const oddMarks = (topUp: TopUp, thing: Marked): Oddity[] => [
  ...(thing.topUpId === topUp.id ? [] : (['other_top_up'] as const)),
  ...(thing.organizationId === topUp.organizationId ? [] : (['other_organization'] as const)),
  ...(topUp.customerId === null || thing.customerId === topUp.customerId
    ? []
    : (['other_customer'] as const)),
];

const oddMoney = (topUp: TopUp, { currency, amountNano }: ProviderMoney): Oddity[] => [
  ...(currency === 'usd' ? [] : (['other_currency'] as const)),
  ...(amountNano === topUp.amountNano ? [] : (['other_amount'] as const)),
];

function oddCheckout(topUp: TopUp, checkout: ProviderCheckout): Oddity[] {
  const isOther = topUp.checkoutId !== null && topUp.checkoutId !== checkout.id;
  return [
    ...(isOther ? (['other_checkout'] as const) : []),
    ...oddMarks(topUp, checkout),
    ...oddMoney(topUp, checkout.total),
  ];
}

function oddPayment(topUp: TopUp, payment: ProviderPayment): Oddity[] {
  const isOther = topUp.paymentId !== null && topUp.paymentId !== payment.id;
  return [
    ...(isOther ? (['other_payment'] as const) : []),
    ...oddMarks(topUp, payment),
    ...(payment.state === 'succeeded' ? oddMoney(topUp, payment.received) : []),
  ];
}

function movementsOf(
  topUp: TopUp,
  { id, refunds, disputes }: ProviderPayment,
): Pick<Judgement, 'movements' | 'oddities'> {
  const oddities: Oddity[] = [];
  const inDollars = (money: ProviderMoney): boolean => {
    if (money.currency === 'usd') return true;
    oddities.push('other_currency');
    return false;
  };
  const back = (amountNano: NanoUsd): NanoUsd => nanoUsd(0n - amountNano);
  const movements: Movement[] = [
    { kind: 'top_up', reference: id, amountNano: nanoUsd(topUp.amountNano) },
  ];
  for (const refund of refunds.filter(inDollars)) {
    const { id: reference, amountNano, isStanding } = refund;
    movements.push(
      isStanding
        ? { kind: 'top_up_refund', reference, amountNano: back(amountNano) }
        : { kind: 'top_up_refund_reversal', reference, amountNano },
    );
  }
  for (const { id: reference, withdrawn, reinstated } of disputes) {
    if (withdrawn === undefined || !inDollars(withdrawn)) continue;
    movements.push({ kind: 'dispute', reference, amountNano: back(withdrawn.amountNano) });
    if (reinstated === undefined || !inDollars(reinstated)) continue;
    movements.push({ kind: 'dispute_reversal', reference, amountNano: reinstated.amountNano });
  }
  return { movements, oddities };
}

/** What was never taken needs not to be given back. */
export const isReversalOf: Readonly<Partial<Record<MovementKind, MovementKind>>> = {
  top_up_refund_reversal: 'top_up_refund',
  dispute_reversal: 'dispute',
};

const RANKS: Readonly<Record<TopUpStatus, number>> = {
  opening: 0,
  open: 1,
  processing: 2,
  expired: 3,
  failed: 3,
  paid: 4,
};

/** News that are late must not bring back what has passed. */
export const isLaterStatus = (status: TopUpStatus, than: TopUpStatus): boolean =>
  RANKS[status] > RANKS[than];
