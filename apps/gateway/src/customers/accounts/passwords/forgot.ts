import type { Context } from '../../../platform/context.ts';
import { inPerson } from '../../../platform/db/index.ts';
import { enqueueMail } from '../../../platform/mail/index.ts';
import { findByEmail } from '../account.ts';
import type { AccountServices } from '../services.ts';
import { replaceUserToken } from '../user-tokens.ts';

/** Sends a link, if there is such an account. Tells nobody whether there is. */
export async function forgotPassword(
  ctx: Context,
  { guard }: AccountServices,
  email: string,
): Promise<void> {
  guard.admitMail({ account: email, address: ctx.address });
  const user = await findByEmail(ctx, email);
  if (user === undefined || user.deactivatedAt !== null) return;
  const { id: userId, locale } = user;
  await inPerson(ctx, userId, async (transaction) => {
    const token = await replaceUserToken(transaction, ctx, { userId, purpose: 'reset-password' });
    await enqueueMail(transaction, ctx, {
      to: email,
      locale,
      userId,
      content: { template: 'reset-password', token: token.reveal() },
    });
  });
}
