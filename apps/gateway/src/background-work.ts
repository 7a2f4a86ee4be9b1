import { join } from 'node:path';
import type { Config } from './config.ts';
import { eraseDueAccounts, purge } from './customers/accounts/index.ts';
import {
  forgetAlerts,
  resumeAlerts,
  sendAlert,
  chargePlanFees,
  chargeTopUp,
  checkPayments,
  followEvent,
  issueAllInvoices,
  requestDueAutoTopUps,
  type AlertSending,
  type InvoiceServices,
  type PaymentServices,
  type Plans,
} from './customers/billing/index.ts';
import { forgetDecisions } from './customers/decisions/index.ts';
import { forgetExperience } from './inference/experience/index.ts';
import type { Context } from './platform/context.ts';
import type { Database } from './platform/db/index.ts';
import { startJobs, type JobRunner, type Jobs } from './platform/jobs/index.ts';
import { createMailer, sendMail, type Mailer } from './platform/mail/index.ts';
import type { Log, Metrics } from './platform/telemetry/index.ts';
import type { WebhookSender } from './platform/webhooks/index.ts';

export interface BackgroundWork {
  readonly config: Pick<Config, 'dataDir' | 'mail' | 'publicUrl' | 'routing'>;
  readonly database: Database;
  /** The system's. */
  readonly ctx: Context;
  readonly payments: PaymentServices;
  readonly invoices: InvoiceServices;
  readonly plans: Plans;
  readonly log: Log;
  readonly webhooks: WebhookSender;
  readonly metrics: Pick<Metrics, 'alertTries'>;
}

/** What no caller waits for: mails, alerts, payments, and what is to be forgotten. */
export function startBackgroundWork(work: BackgroundWork): JobRunner {
  const { config, database, log, webhooks, metrics } = work;
  const mailer = createMailer({ ...config.mail, outboxDir: join(config.dataDir, 'outbox'), log });
  const sending: AlertSending = {
    webhooks,
    random: Math.random,
    onTry: (outcome) => metrics.alertTries.inc({ outcome }),
  };
  const runner = startJobs({ database, log, jobs: jobsOf(work, { mailer, ...config }, sending) });
  return {
    close: async () => {
      await runner.close();
      mailer.close();
    },
  };
}

const jobsOf = (
  { ctx, payments, invoices, plans, log, config: { routing } }: BackgroundWork,
  mails: { readonly mailer: Mailer; readonly publicUrl: string },
  sending: AlertSending,
): Jobs => ({
  'send-mail': ({ mailId }) => sendMail(ctx, mails, mailId),
  'send-alert': (reference) => sendAlert(ctx, sending, reference),
  'resume-alerts': () => resumeAlerts(ctx),
  'erase-accounts': () => eraseDueAccounts(ctx),
  purge: async () => {
    await purge(ctx);
    await forgetAlerts(ctx);
    await forgetDecisions(ctx, routing.logDays);
    await forgetExperience(ctx, routing.logDays);
  },
  'follow-payment-event': ({ eventId }) => followEvent(ctx, payments, eventId),
  'charge-top-up': ({ organizationId, topUpId: id }) =>
    chargeTopUp(ctx, payments, { organizationId, id }),
  'request-auto-top-ups': () => requestDueAutoTopUps(ctx, payments),
  'check-payments': () => checkPayments(ctx, payments),
  'issue-invoices': () => issueAllInvoices(ctx, invoices),
  'charge-plan-fees': () => chargePlanFees(ctx, plans, log),
});
