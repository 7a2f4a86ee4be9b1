import {
  ENDPOINTS,
  parseUsd,
  printUsd,
  type AutoTopUp as PrintedAutoTopUp,
  type AutoTopUpSummary,
  type NanoUsd,
} from '@sealgate/contract';
import {
  openCheckout,
  readAutoTopUp,
  updateAutoTopUp,
  type AutoTopUp,
  type AutoTopUpState,
  type PaymentServices,
} from '../../customers/billing/index.ts';
import type { AddRoute } from '../platform/add-route.ts';

export function addPaymentRoutes(addRoute: AddRoute, payments: PaymentServices): void {
  addRoute(ENDPOINTS.createCheckout, async (ctx, { body }) => {
    const { topUpId, url } = await openCheckout(ctx, payments, {
      amountNano: amountOf(body.amount_usd),
      idempotencyKey: body.idempotency_key,
      savesPaymentMethod: body.save_payment_method,
      successUrl: body.success_url,
      cancelUrl: body.cancel_url,
    });
    return { checkout_url: url, checkout_id: topUpId };
  });
  addRoute(ENDPOINTS.readAutoTopUp, async (ctx) => printState(await readAutoTopUp(ctx)));
  addRoute(ENDPOINTS.updateAutoTopUp, async (ctx, { body }) => {
    const { monthly_limit_usd: limit } = body;
    const settings = {
      isEnabled: body.enabled,
      thresholdNano: amountOf(body.threshold_usd),
      amountNano: amountOf(body.amount_usd),
      monthlyLimitNano: limit == null ? undefined : amountOf(limit),
    };
    return printState(await updateAutoTopUp(ctx, payments, settings));
  });
}

/** The contract lets no other text through. */
function amountOf(text: string): NanoUsd {
  const amount = parseUsd(text);
  if (amount === undefined) throw new Error('impossible: an amount that is none');
  return amount;
}

export const printSettings = (settings: AutoTopUp): AutoTopUpSummary => ({
  enabled: settings.isEnabled,
  threshold_usd: printUsd(settings.thresholdNano),
  amount_usd: printUsd(settings.amountNano),
  monthly_limit_usd:
    settings.monthlyLimitNano === undefined ? null : printUsd(settings.monthlyLimitNano),
});

const NEVER_SET_UP = {
  enabled: false,
  threshold_usd: null,
  amount_usd: null,
  monthly_limit_usd: null,
};

const printState = (state: AutoTopUpState): PrintedAutoTopUp => ({
  ...(state.settings === undefined ? NEVER_SET_UP : printSettings(state.settings)),
  payment_method: state.paymentMethodName ?? null,
  disabled_reason: state.disabledReason ?? null,
});
