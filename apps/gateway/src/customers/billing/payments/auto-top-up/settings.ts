import { nanoUsd, printUsd, type NanoUsd } from '@sealgate/contract';
import { eq } from 'drizzle-orm';
import type { MemberActor } from '../../../../platform/actor.ts';
import { recordDeed } from '../../../../platform/audit.ts';
import type { Context } from '../../../../platform/context.ts';
import {
  autoTopUps,
  inTenant,
  paymentProfiles,
  type Transaction,
} from '../../../../platform/db/index.ts';
import { Refusal } from '../../../../platform/refusal.ts';
import { judgeTopUpAmount } from '../judge-amount.ts';
import { requireProvider, type PaymentServices } from '../services.ts';
import { requestAutoTopUps } from './request.ts';

export interface AutoTopUp {
  readonly isEnabled: boolean;
  readonly thresholdNano: NanoUsd;
  readonly amountNano: NanoUsd;
  /** `undefined`: no limit. */
  readonly monthlyLimitNano: NanoUsd | undefined;
}

export interface AutoTopUpState {
  /** `undefined`: nobody has set it up. */
  readonly settings: AutoTopUp | undefined;
  readonly disabledReason: 'declined' | 'disputed' | undefined;
  /** What is charged, such as `visa 4242`; `undefined`: nothing was saved. */
  readonly paymentMethodName: string | undefined;
}

type StoredSettings = typeof autoTopUps.$inferSelect;

export const autoTopUpOf = (row: StoredSettings): AutoTopUp => ({
  isEnabled: row.isEnabled,
  thresholdNano: nanoUsd(row.thresholdNano),
  amountNano: nanoUsd(row.amountNano),
  monthlyLimitNano: row.monthlyLimitNano === null ? undefined : nanoUsd(row.monthlyLimitNano),
});

export function readAutoTopUp(ctx: Context<MemberActor>): Promise<AutoTopUpState> {
  const { organizationId } = ctx.actor;
  return inTenant(ctx, organizationId, (transaction) => readState(transaction, organizationId));
}

/** Sets it up anew: declines of before are forgotten. A wallet that has too little already is topped up at once. */
export function updateAutoTopUp(
  ctx: Context<MemberActor>,
  services: PaymentServices,
  change: AutoTopUp,
): Promise<AutoTopUpState> {
  const { organizationId } = ctx.actor;
  const { isEnabled, thresholdNano, amountNano, monthlyLimitNano = null } = change;
  if (isEnabled) requireProvider(services);
  judgeTopUpAmount(services, amountNano);
  if (monthlyLimitNano !== null && monthlyLimitNano < amountNano) {
    throw new Refusal('invalid_request_error', {
      message: 'monthly_limit_usd must not be less than amount_usd: nothing could be topped up.',
      param: 'monthly_limit_usd',
    });
  }
  return inTenant(ctx, organizationId, async (transaction) => {
    if (isEnabled) await requirePaymentMethod(transaction, organizationId);
    const values = {
      isEnabled,
      thresholdNano,
      amountNano,
      monthlyLimitNano,
      declines: 0,
      disabledReason: null,
      pausedUntil: null,
    };
    await transaction
      .insert(autoTopUps)
      .values({ organizationId, ...values })
      .onConflictDoUpdate({ target: autoTopUps.organizationId, set: values });
    await recordDeed(transaction, ctx, {
      action: 'auto_top_up.update',
      subject: organizationId,
      organizationId,
      details: {
        isEnabled,
        thresholdUsd: printUsd(thresholdNano),
        amountUsd: printUsd(amountNano),
        monthlyLimitUsd: monthlyLimitNano === null ? null : printUsd(monthlyLimitNano),
      },
    });
    await requestAutoTopUps(transaction, [organizationId], ctx.clock());
    return readState(transaction, organizationId);
  });
}

async function requirePaymentMethod(
  transaction: Transaction,
  organizationId: string,
): Promise<void> {
  const { paymentMethodName } = await readState(transaction, organizationId);
  if (paymentMethodName !== undefined) return;
  throw new Refusal('conflict', {
    message:
      'There is no card to charge. Top up once with "save_payment_method": true (POST /v1/billing/checkout), then switch this on.',
  });
}

async function readState(
  transaction: Transaction,
  organizationId: string,
): Promise<AutoTopUpState> {
  const [settings] = await transaction
    .select()
    .from(autoTopUps)
    .where(eq(autoTopUps.organizationId, organizationId));
  const [profile] = await transaction
    .select()
    .from(paymentProfiles)
    .where(eq(paymentProfiles.organizationId, organizationId));
  return {
    settings: settings && autoTopUpOf(settings),
    disabledReason: settings?.disabledReason ?? undefined,
    paymentMethodName: profile?.paymentMethodName ?? undefined,
  };
}
