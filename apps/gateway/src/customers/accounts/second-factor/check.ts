import { and, eq, isNotNull, isNull, lt, or } from 'drizzle-orm';
import type { Context } from '../../../platform/context.ts';
import { totpSecrets, type Transaction } from '../../../platform/db/index.ts';
import { Refusal } from '../../../platform/refusal.ts';
import { PURPOSES } from '../../../platform/vault-purposes.ts';
import { takeRecoveryCode } from './recovery-codes.ts';
import { stepOf } from './totp.ts';

export interface SecondFactor {
  readonly totpCode?: string | undefined;
  readonly recoveryCode?: string | undefined;
}

export type StoredTotp = typeof totpSecrets.$inferSelect;

/** The secret that codes must be of; nothing while no code has proven it. */
export async function findTotp(
  transaction: Transaction,
  userId: string,
): Promise<StoredTotp | undefined> {
  const [stored] = await transaction
    .select()
    .from(totpSecrets)
    .where(and(eq(totpSecrets.userId, userId), isNotNull(totpSecrets.confirmedAt)));
  return stored;
}

/** Throws unless there is no second factor, or a code of it is right. */
export async function requireSecondFactor(
  transaction: Transaction,
  ctx: Context,
  userId: string,
  { totpCode, recoveryCode }: SecondFactor,
): Promise<void> {
  const stored = await findTotp(transaction, userId);
  if (stored === undefined) return;
  if (totpCode === undefined && recoveryCode === undefined) {
    throw new Refusal('two_factor_required');
  }
  const isRight =
    totpCode === undefined
      ? await takeRecoveryCode(transaction, ctx, userId, recoveryCode ?? '')
      : await takeStep(transaction, ctx, stored, totpCode);
  if (!isRight) throw new Refusal('invalid_credentials');
}

/** Takes the step of the code: it and all before it serve no more, also for who comes at the same moment. */
export async function takeStep(
  transaction: Transaction,
  ctx: Context,
  { userId, secret }: StoredTotp,
  code: string,
): Promise<boolean> {
  const plain = ctx.vault.open(PURPOSES.totp(userId), secret).reveal();
  const step = stepOf(plain, code, ctx.clock());
  if (step === undefined) return false;
  const isNew = or(isNull(totpSecrets.lastUsedStep), lt(totpSecrets.lastUsedStep, step));
  const taken = await transaction
    .update(totpSecrets)
    .set({ lastUsedStep: step })
    .where(and(eq(totpSecrets.userId, userId), isNew))
    .returning({ userId: totpSecrets.userId });
  return taken.length === 1;
}
