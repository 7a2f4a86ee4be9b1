import { and, eq, isNull } from 'drizzle-orm';
import { createHash, randomBytes } from 'node:crypto';
import type { Context } from '../../../platform/context.ts';
import { recoveryCodes, type Transaction } from '../../../platform/db/index.ts';

const COUNT = 10;
/** 80 bits: a thief of the hashes cannot try them all. */
const CODE_BYTES = 10;
/** Without 0, 1, 8 and 9, which look like letters or are missing in base 32. */
const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';

/** Ten new codes; the old ones end. */
export async function replaceRecoveryCodes(
  transaction: Transaction,
  userId: string,
): Promise<readonly string[]> {
  const codes = Array.from({ length: COUNT }, mintCode);
  await transaction.delete(recoveryCodes).where(eq(recoveryCodes.userId, userId));
  await transaction
    .insert(recoveryCodes)
    .values(codes.map((code) => ({ userId, codeHash: hashCode(code) })));
  return codes;
}

/** Each serves once. */
export async function takeRecoveryCode(
  transaction: Transaction,
  ctx: Context,
  userId: string,
  code: string,
): Promise<boolean> {
  const taken = await transaction
    .update(recoveryCodes)
    .set({ usedAt: new Date(ctx.clock()) })
    .where(
      and(
        eq(recoveryCodes.userId, userId),
        eq(recoveryCodes.codeHash, hashCode(code)),
        isNull(recoveryCodes.usedAt),
      ),
    )
    .returning({ userId: recoveryCodes.userId });
  return taken.length === 1;
}

/** Such as `k3vq-7xa2-mmpd-h5tz`. */
function mintCode(): string {
  const bits = BigInt(`0x${randomBytes(CODE_BYTES).toString('hex')}`);
  const letters = Array.from(
    { length: (CODE_BYTES * 8) / 5 },
    (_, index) => ALPHABET[Number((bits >> BigInt(index * 5)) & 31n)],
  );
  return letters.join('').replaceAll(/(.{4})(?=.)/g, '$1-');
}

/** However it was typed. */
const hashCode = (code: string): Buffer =>
  createHash('sha256')
    .update(code.toLowerCase().replaceAll(/[^a-z2-7]/g, ''))
    .digest();
