import { nanoUsd, type NanoUsd } from '@sealgate/contract';
import type { DayOfMonth } from '../../../platform/month.ts';
import { divideHalfEven } from '../pricing/ratio.ts';

export interface Step {
  readonly fromFeeNano: NanoUsd;
  /** No less than the other. */
  readonly toFeeNano: NanoUsd;
}

/** What is left of the month, today included. */
export const daysLeftOf = ({ day, of }: DayOfMonth): number => of - day + 1;

/**
 * What a dearer plan costs for the rest of the month: the difference of the fees, day by day, rounded half to even. What
 * was paid for the plan before counts in full.
 */
export const feeForRest = ({ fromFeeNano, toFeeNano }: Step, day: DayOfMonth): NanoUsd =>
  nanoUsd(divideHalfEven((toFeeNano - fromFeeNano) * BigInt(daysLeftOf(day)), BigInt(day.of)));
