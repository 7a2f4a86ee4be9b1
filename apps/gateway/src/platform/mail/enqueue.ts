import type { Context } from '../context.ts';
import { outboxMails, type Transaction } from '../db/index.ts';
import { addJob } from '../jobs/index.ts';
import type { Mail } from './mail.ts';

/** Decides on a mail: it is sent if and only if the transaction is committed. */
export async function enqueueMail(
  transaction: Transaction,
  ctx: Context,
  mail: Mail,
): Promise<void> {
  const id = ctx.newId('mail');
  const now = new Date(ctx.clock());
  await transaction.insert(outboxMails).values({
    id,
    userId: mail.userId ?? null,
    mail: ctx.vault.seal(`mail:${id}`, JSON.stringify(mail)),
    createdAt: now,
    nextAttemptAt: now,
  });
  await addJob(transaction, 'send-mail', { mailId: id });
}
