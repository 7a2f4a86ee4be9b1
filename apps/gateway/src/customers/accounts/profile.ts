import { eq } from 'drizzle-orm';
import type { MemberActor } from '../../platform/actor.ts';
import { recordDeed } from '../../platform/audit.ts';
import type { Context } from '../../platform/context.ts';
import { inPerson, users } from '../../platform/db/index.ts';
import { accountOf, personOf, readUser, type Account, type Locale } from './account.ts';

export interface ProfileChange {
  readonly fullName?: string | null | undefined;
  readonly locale?: Locale | undefined;
}

export function readAccount(ctx: Context<MemberActor>): Promise<Account> {
  const userId = personOf(ctx.actor);
  return inPerson(ctx, userId, async (transaction) =>
    accountOf(transaction, await readUser(transaction, userId)),
  );
}

export function updateAccount(
  ctx: Context<MemberActor>,
  { fullName, locale }: ProfileChange,
): Promise<Account> {
  const userId = personOf(ctx.actor);
  return inPerson(ctx, userId, async (transaction) => {
    const before = await readUser(transaction, userId);
    const change = {
      fullName: fullName === undefined ? before.fullName : fullName,
      locale: locale ?? before.locale,
    };
    await transaction.update(users).set(change).where(eq(users.id, userId));
    await recordDeed(transaction, ctx, {
      action: 'account.update',
      subject: userId,
      organizationId: null,
    });
    return accountOf(transaction, { ...before, ...change });
  });
}
