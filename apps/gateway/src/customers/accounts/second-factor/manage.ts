import { eq } from 'drizzle-orm';
import type { UserActor } from '../../../platform/actor.ts';
import { recordDeed } from '../../../platform/audit.ts';
import type { Context } from '../../../platform/context.ts';
import {
  inPerson,
  recoveryCodes,
  totpSecrets,
  type Transaction,
} from '../../../platform/db/index.ts';
import { Refusal } from '../../../platform/refusal.ts';
import { requirePassword } from '../passwords/require.ts';
import type { AccountServices } from '../services.ts';
import { findTotp, requireSecondFactor } from './check.ts';
import { replaceRecoveryCodes } from './recovery-codes.ts';

export interface FullProof {
  readonly password: string;
  /** Six digits of the app, or a recovery code. */
  readonly code: string;
}

export function disableTotp(
  ctx: Context<UserActor>,
  services: AccountServices,
  proof: FullProof,
): Promise<void> {
  const { userId } = ctx.actor;
  return withFullProof(ctx, services, proof, async (transaction) => {
    await transaction.delete(recoveryCodes).where(eq(recoveryCodes.userId, userId));
    await transaction.delete(totpSecrets).where(eq(totpSecrets.userId, userId));
    await recordDeed(transaction, ctx, {
      action: 'account.disable-2fa',
      subject: userId,
      organizationId: null,
    });
  });
}

/** Ten new ones; the old ones end. */
export function renewRecoveryCodes(
  ctx: Context<UserActor>,
  services: AccountServices,
  proof: FullProof,
): Promise<readonly string[]> {
  const { userId } = ctx.actor;
  return withFullProof(ctx, services, proof, async (transaction) => {
    await recordDeed(transaction, ctx, {
      action: 'account.renew-recovery-codes',
      subject: userId,
      organizationId: null,
    });
    return replaceRecoveryCodes(transaction, userId);
  });
}

function withFullProof<Result>(
  ctx: Context<UserActor>,
  services: AccountServices,
  { password, code }: FullProof,
  work: (transaction: Transaction) => Promise<Result>,
): Promise<Result> {
  const { userId } = ctx.actor;
  return services.guard.check({ account: userId, address: ctx.address }, async () => {
    await requirePassword(ctx, services, { userId, password, param: 'password' });
    return inPerson(ctx, userId, async (transaction) => {
      if ((await findTotp(transaction, userId)) === undefined) {
        throw new Refusal('conflict', { message: 'There is no second factor.' });
      }
      const factor = /^\d{6}$/.test(code) ? { totpCode: code } : { recoveryCode: code };
      await requireSecondFactor(transaction, ctx, userId, factor);
      return work(transaction);
    });
  });
}
