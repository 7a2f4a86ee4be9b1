import type { MemberActor } from '../../../platform/actor.ts';
import type { Context } from '../../../platform/context.ts';
import { inPerson } from '../../../platform/db/index.ts';
import { personOf } from '../account.ts';
import type { AccountServices } from '../services.ts';
import { refuseWeakPassword } from './refuse-weak.ts';
import { requirePassword } from './require.ts';
import { setPassword } from './set.ts';

export interface PasswordChange {
  readonly currentPassword: string;
  readonly newPassword: string;
}

/** Ends all sessions but the caller's own. */
export function changePassword(
  ctx: Context<MemberActor>,
  services: AccountServices,
  { currentPassword, newPassword }: PasswordChange,
): Promise<void> {
  const { actor } = ctx;
  const userId = personOf(actor);
  const { guard, passwords } = services;
  return guard.check({ account: userId, address: ctx.address }, async () => {
    const proof = { userId, password: currentPassword, param: 'current_password' };
    const user = await requirePassword(ctx, services, proof);
    refuseWeakPassword(newPassword, { param: 'new_password', email: user.email });
    const passwordHash = await passwords.hash(newPassword);
    const exceptId = actor.kind === 'user' ? actor.sessionId : undefined;
    await inPerson(ctx, userId, (transaction) =>
      setPassword(transaction, ctx, user, { passwordHash, exceptId }),
    );
  });
}
