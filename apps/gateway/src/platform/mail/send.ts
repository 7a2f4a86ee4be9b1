import { eq } from 'drizzle-orm';
import type { Context } from '../context.ts';
import { inSystem, outboxMails } from '../db/index.ts';
import { PURPOSES } from '../vault-purposes.ts';
import type { Mail } from './mail.ts';
import type { Mailer } from './mailer.ts';
import { renderMail } from './render.ts';

export interface MailService {
  readonly mailer: Mailer;
  readonly publicUrl: string;
}

/**
 * Sends a mail of the outbox and forgets it. It is sent at least once: a crash in between sends it again. One that is gone
 * was sent, or its person was erased.
 */
export async function sendMail(
  ctx: Context,
  { mailer, publicUrl }: MailService,
  mailId: string,
): Promise<void> {
  const isThis = eq(outboxMails.id, mailId);
  const [row] = await inSystem(ctx, (transaction) =>
    transaction.select().from(outboxMails).where(isThis),
  );
  if (row === undefined) return;
  const mail = JSON.parse(ctx.vault.open(PURPOSES.mail(mailId), row.mail).reveal()) as Mail;
  await mailer.send({ id: mailId, to: mail.to, ...renderMail(mail, publicUrl) });
  await inSystem(ctx, (transaction) => transaction.delete(outboxMails).where(isThis));
}
