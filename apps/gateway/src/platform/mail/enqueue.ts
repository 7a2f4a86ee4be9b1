import type { Context } from '../context.ts';
import { outboxMails, type Transaction } from '../db/index.ts';
import { addJobs } from '../jobs/index.ts';
import { PURPOSES } from '../vault-purposes.ts';
import type { Mail } from './mail.ts';

type Deciding = Pick<Context, 'clock' | 'newId' | 'vault'>;

/** Decides on a mail: it is sent if and only if the transaction is committed. */
export function enqueueMail(transaction: Transaction, ctx: Deciding, mail: Mail): Promise<void> {
  return enqueueMails(transaction, ctx, [mail]);
}

/** The same for many, in two statements. */
export async function enqueueMails(
  transaction: Transaction,
  ctx: Deciding,
  mails: readonly Mail[],
): Promise<void> {
  if (mails.length === 0) return;
  const now = new Date(ctx.clock());
  const rows = mails.map((mail) => {
    const id = ctx.newId('mail');
    return {
      id,
      userId: mail.userId ?? null,
      mail: ctx.vault.seal(PURPOSES.mail(id), JSON.stringify(mail)),
      createdAt: now,
      nextAttemptAt: now,
    };
  });
  await transaction.insert(outboxMails).values(rows);
  const jobs = rows.map(({ id }) => ({ payload: { mailId: id } }));
  await addJobs(transaction, 'send-mail', jobs);
}
