import { and, eq, isNull } from 'drizzle-orm';
import { organizations, type Transaction } from '../../../platform/db/index.ts';
import { Refusal } from '../../../platform/refusal.ts';
import type { StoredBooking } from './booked-plan.ts';

export interface Booking extends StoredBooking {
  readonly organizationId: string;
}

const select = (transaction: Transaction, organizationId: string) =>
  transaction
    .select({
      organizationId: organizations.id,
      planId: organizations.planId,
      nextPlanId: organizations.nextPlanId,
      nextPlanMonth: organizations.nextPlanMonth,
      timeZone: organizations.timeZone,
    })
    .from(organizations)
    .where(and(eq(organizations.id, organizationId), isNull(organizations.deletedAt)));

export async function readBooking(
  transaction: Transaction,
  organizationId: string,
): Promise<Booking> {
  const [booking] = await select(transaction, organizationId);
  if (booking === undefined) throw new Refusal('not_found');
  return booking;
}

/** Until the transaction ends nobody else changes it. Comes before the wallet's lock, as everywhere. */
export async function lockBooking(
  transaction: Transaction,
  organizationId: string,
): Promise<Booking> {
  const [booking] = await select(transaction, organizationId).for('no key update');
  if (booking === undefined) throw new Refusal('not_found');
  return booking;
}

export type BookingChange = Pick<Booking, 'planId' | 'nextPlanId' | 'nextPlanMonth'>;

/** Every gateway forgets what it remembers of the organization's keys: a trigger tells them. */
export async function writeBooking(
  transaction: Transaction,
  booking: Booking,
  change: BookingChange,
): Promise<Booking> {
  await transaction
    .update(organizations)
    .set(change)
    .where(eq(organizations.id, booking.organizationId));
  return { ...booking, ...change };
}
