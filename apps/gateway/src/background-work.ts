import { join } from 'node:path';
import type { Config } from './config.ts';
import { eraseDueAccounts, purge } from './customers/accounts/index.ts';
import {
  chargeTopUp,
  checkPayments,
  followEvent,
  issueAllInvoices,
  requestDueAutoTopUps,
  type InvoiceServices,
  type PaymentServices,
} from './customers/billing/index.ts';
import type { Context } from './platform/context.ts';
import type { Database } from './platform/db/index.ts';
import { startJobs, type JobRunner, type Jobs } from './platform/jobs/index.ts';
import { createMailer, sendMail, type Mailer } from './platform/mail/index.ts';
import type { Log } from './platform/telemetry/index.ts';

export interface BackgroundWork {
  readonly config: Pick<Config, 'dataDir' | 'mail' | 'publicUrl'>;
  readonly database: Database;
  /** The system's. */
  readonly ctx: Context;
  readonly payments: PaymentServices;
  readonly invoices: InvoiceServices;
  readonly log: Log;
}

/** What no caller waits for: mails, payments, and what is to be forgotten. */
export function startBackgroundWork(work: BackgroundWork): JobRunner {
  const { config, database, log } = work;
  const mailer = createMailer({ ...config.mail, outboxDir: join(config.dataDir, 'outbox'), log });
  const runner = startJobs({ database, log, jobs: jobsOf(work, { mailer, ...config }) });
  return {
    close: async () => {
      await runner.close();
      mailer.close();
    },
  };
}

const jobsOf = (
  { ctx, payments, invoices }: BackgroundWork,
  mails: { readonly mailer: Mailer; readonly publicUrl: string },
): Jobs => ({
  'send-mail': ({ mailId }) => sendMail(ctx, mails, mailId),
  'erase-accounts': () => eraseDueAccounts(ctx),
  purge: () => purge(ctx),
  'follow-payment-event': ({ eventId }) => followEvent(ctx, payments, eventId),
  'charge-top-up': ({ organizationId, topUpId: id }) =>
    chargeTopUp(ctx, payments, { organizationId, id }),
  'request-auto-top-ups': () => requestDueAutoTopUps(ctx, payments),
  'check-payments': () => checkPayments(ctx, payments),
  'issue-invoices': () => issueAllInvoices(ctx, invoices),
});
