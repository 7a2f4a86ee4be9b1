import type { Context } from '../../../platform/context.ts';
import { inPerson } from '../../../platform/db/index.ts';
import { Refusal } from '../../../platform/refusal.ts';
import { readUser, type StoredUser } from '../account.ts';
import type { AccountServices } from '../services.ts';

export interface PasswordProof {
  readonly userId: string;
  readonly password: string;
  /** The field it came in. */
  readonly param: string;
}

/** Throws unless it is this person's password. Call it within `guard.check`. */
export async function requirePassword(
  ctx: Context,
  { passwords }: AccountServices,
  { userId, password, param }: PasswordProof,
): Promise<StoredUser> {
  const user = await inPerson(ctx, userId, (transaction) => readUser(transaction, userId));
  if (await passwords.verify(user.passwordHash, password)) return user;
  throw new Refusal('invalid_credentials', { message: 'The password is not right.', param });
}
