import { and, eq } from 'drizzle-orm';
import type { Context } from '../../../platform/context.ts';
import { inTenant, paymentProfiles } from '../../../platform/db/index.ts';
import type { PaymentProvider } from './provider.ts';

/** Whose customer the organization is. Two that ask at once are told the same: Stripe knows the call by the organization. */
export async function findOrCreateCustomer(
  ctx: Context,
  provider: PaymentProvider,
  organizationId: string,
): Promise<string> {
  const isIts = eq(paymentProfiles.organizationId, organizationId);
  const find = () =>
    inTenant(ctx, organizationId, (transaction) =>
      transaction.select().from(paymentProfiles).where(isIts),
    );
  const [known] = await find();
  if (known !== undefined) return known.customerId;
  const customerId = await provider.createCustomer(organizationId);
  await inTenant(ctx, organizationId, (transaction) =>
    transaction
      .insert(paymentProfiles)
      .values({ organizationId, customerId })
      .onConflictDoNothing({ target: paymentProfiles.organizationId }),
  );
  const [kept] = await find();
  return kept?.customerId ?? customerId;
}

/** Somebody has deleted the customer at Stripe, and its cards with it. */
export async function replaceCustomer(
  ctx: Context,
  provider: PaymentProvider,
  organizationId: string,
  gone: string,
): Promise<string> {
  const customerId = await provider.createCustomer(organizationId, gone);
  await inTenant(ctx, organizationId, (transaction) =>
    transaction
      .update(paymentProfiles)
      .set({ customerId, paymentMethodId: null, paymentMethodName: null, savedBy: null })
      .where(
        and(
          eq(paymentProfiles.organizationId, organizationId),
          eq(paymentProfiles.customerId, gone),
        ),
      ),
  );
  return customerId;
}
