import { and, eq, isNull } from 'drizzle-orm';
import type { MemberActor, UserActor } from '../../../platform/actor.ts';
import { recordDeed } from '../../../platform/audit.ts';
import type { Context } from '../../../platform/context.ts';
import { inPerson, recoveryCodes, totpSecrets } from '../../../platform/db/index.ts';
import { Refusal } from '../../../platform/refusal.ts';
import { PURPOSES } from '../../../platform/vault-purposes.ts';
import { personOf } from '../account.ts';
import { requirePassword } from '../passwords/require.ts';
import type { AccountServices } from '../services.ts';
import { findTotp, takeStep } from './check.ts';
import { replaceRecoveryCodes } from './recovery-codes.ts';
import { inviteApp, mintTotpSecret, type TotpInvitation } from './totp.ts';

export interface SecondFactorStatus {
  readonly isEnabled: boolean;
  readonly recoveryCodesLeft: number;
}

export function readSecondFactor(ctx: Context<MemberActor>): Promise<SecondFactorStatus> {
  const userId = personOf(ctx.actor);
  return inPerson(ctx, userId, async (transaction) => ({
    isEnabled: (await findTotp(transaction, userId)) !== undefined,
    recoveryCodesLeft: await transaction.$count(
      recoveryCodes,
      and(eq(recoveryCodes.userId, userId), isNull(recoveryCodes.usedAt)),
    ),
  }));
}

/** A new secret, which counts from its first code on. */
export function setUpTotp(
  ctx: Context<UserActor>,
  services: AccountServices,
  password: string,
): Promise<TotpInvitation> {
  const { userId } = ctx.actor;
  return services.guard.check({ account: userId, address: ctx.address }, async () => {
    const proof = { userId, password, param: 'password' };
    const { email } = await requirePassword(ctx, services, proof);
    const secret = mintTotpSecret();
    const fresh = {
      secret: ctx.vault.seal(PURPOSES.totp(userId), secret),
      createdAt: new Date(ctx.clock()),
      lastUsedStep: null,
    };
    await inPerson(ctx, userId, async (transaction) => {
      const begun = await transaction
        .insert(totpSecrets)
        .values({ userId, ...fresh })
        .onConflictDoUpdate({
          target: totpSecrets.userId,
          set: fresh,
          setWhere: isNull(totpSecrets.confirmedAt),
        })
        .returning({ userId: totpSecrets.userId });
      if (begun.length === 0) {
        throw new Refusal('conflict', {
          message: 'There is a second factor already. Switch it off first.',
        });
      }
    });
    return inviteApp(secret, email ?? userId);
  });
}

/** Switches the second factor on. Returns the recovery codes, which are never shown again. */
export function confirmTotp(
  ctx: Context<UserActor>,
  { guard }: AccountServices,
  code: string,
): Promise<readonly string[]> {
  const { userId } = ctx.actor;
  return guard.check({ account: userId, address: ctx.address }, () =>
    inPerson(ctx, userId, async (transaction) => {
      const isBegun = and(eq(totpSecrets.userId, userId), isNull(totpSecrets.confirmedAt));
      const [stored] = await transaction.select().from(totpSecrets).where(isBegun).for('update');
      if (stored === undefined) {
        throw new Refusal('conflict', {
          message: 'There is nothing to confirm. Call /v1/auth/2fa/setup first.',
        });
      }
      if (!(await takeStep(transaction, ctx, stored, code))) {
        throw new Refusal('invalid_credentials', {
          message: 'The code is not right. Is the clock of your device?',
          param: 'code',
        });
      }
      await transaction
        .update(totpSecrets)
        .set({ confirmedAt: new Date(ctx.clock()) })
        .where(eq(totpSecrets.userId, userId));
      await recordDeed(transaction, ctx, {
        action: 'account.enable-2fa',
        subject: userId,
        organizationId: null,
      });
      return replaceRecoveryCodes(transaction, userId);
    }),
  );
}
