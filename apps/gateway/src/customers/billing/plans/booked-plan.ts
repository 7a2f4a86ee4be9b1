import { monthAt } from '../../../platform/month.ts';

/** What an organization has booked, and what follows. Whoever has this in memory needs no clock but its own. */
export interface BookedPlan {
  readonly planId: string;
  readonly next: { readonly planId: string; readonly fromMs: number } | undefined;
}

/** The columns of an organization. */
export interface StoredBooking {
  readonly planId: string;
  readonly nextPlanId: string | null;
  /** Such as `2026-12`. */
  readonly nextPlanMonth: string | null;
  readonly timeZone: string;
}

export function bookedPlan(stored: StoredBooking, nowMs: number): BookedPlan {
  const { planId, nextPlanId, nextPlanMonth, timeZone } = stored;
  if (nextPlanId === null || nextPlanMonth === null) return { planId, next: undefined };
  const month = monthAt(timeZone, nowMs);
  if (month.name >= nextPlanMonth) return { planId: nextPlanId, next: undefined };
  // Where the time zone was changed meanwhile, a whole month may lie between.
  const last = monthAt(timeZone, month.endsAtMs);
  const fromMs = last.name >= nextPlanMonth ? month.endsAtMs : last.endsAtMs;
  return { planId, next: { planId: nextPlanId, fromMs } };
}

export const planIdAt = ({ planId, next }: BookedPlan, nowMs: number): string =>
  next !== undefined && nowMs >= next.fromMs ? next.planId : planId;
