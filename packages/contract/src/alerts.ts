import { z } from 'zod';
import { BODY_REFUSALS, endpoint, MEMBER_REFUSALS } from './endpoint.ts';
import { OrganizationParams } from './organizations.ts';
import { id, listOf, PageQuery, spendLimit, time, usd } from './values.ts';

/** A name with a dot: neither an address nor a machine next door. Its last label has no digit at the front. */
const HOST_NAME = /^(?:[a-z0-9_-]{1,63}\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/;

export const webhookUrl = z
  .url({
    protocol: /^https$/,
    hostname: HOST_NAME,
    error: 'must be an https:// URL of a host on the public internet',
  })
  .max(2_000)
  .regex(/^[^@]*$|^https:\/\/[^/?#@]+[/?#]/, 'must not contain a user name or password')
  .regex(/^https:\/\/[^/?#:]+(?::(?:443|8443))?(?:[/?#]|$)/, 'must be at the port 443 or 8443')
  .describe('HTTPS, on the public internet, at the port 443 or 8443.')
  .meta({ examples: ['https://your-app.example.com/billing-alert'] });

/** What alerts are sent for, in per cent of a limit. */
export const thresholds = z
  .array(z.int().min(1).max(100))
  .min(1)
  .max(10)
  .describe('Per cent of the monthly limit; each is told once a month.');

export const rotateSecret = z
  .boolean()
  .default(false)
  .describe(
    '`true` makes a new signing secret for the same URL. For a day, events are signed with the old one too.',
  );

export const signingSecret = z
  .string()
  .optional()
  .describe('Of the alert webhook (Standard Webhooks, `whsec_…`). Shown this once, when it is new.')
  .meta({ examples: ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'] });

const problem = z
  .enum(['unreachable', 'timeout', 'not_accepted'])
  .nullable()
  .describe(
    '`unreachable`: there was no connection, whyever; also for an address that is not on the public internet. `timeout`: ' +
      'there was one, and no answer in time.',
  );

export const AlertTest = z.object({
  delivered: z.boolean().describe('The receiver answered with a 2xx status.'),
  status: z.int().nullable().describe('What it answered; `null`: nothing.'),
  problem,
});

export type AlertTest = z.output<typeof AlertTest>;

export const AlertDelivery = z.object({
  delivery_id: id('whd'),
  event_id: id('whk').describe('The `webhook-id`: the same for every try of one event.'),
  type: z.string().describe('Of the event, such as `key.spend_threshold_reached`.'),
  attempt: z.int().describe('1, 2, 3 …'),
  attempted_at: time(),
  delivered: z.boolean().describe('The receiver answered with a 2xx status.'),
  status: z.int().nullable().describe('What it answered; `null`: nothing.'),
  problem,
  duration_ms: z.int().nullable().describe('Until the answer; `null`: there was none.'),
  next_attempt_at: time().nullable().describe('`null`: it is not tried again.'),
});

export type AlertDelivery = z.output<typeof AlertDelivery>;

export const AlertDeliveryList = listOf(AlertDelivery);

export type AlertDeliveryList = z.output<typeof AlertDeliveryList>;

export const OrganizationAlerts = z.object({
  webhook_url: z
    .string()
    .nullable()
    .describe(
      'Gets what concerns the organization, its members and its wallet, and keys without a webhook of their own.',
    ),
  thresholds: z.array(z.int()).describe('For the organization’s quota and those of its members.'),
  low_balance_alert_usd: usd().nullable().describe('`null`: never.'),
  email_enabled: z.boolean().describe('Do the owner and the admins get every alert by mail?'),
});

export type OrganizationAlerts = z.output<typeof OrganizationAlerts>;

export const ChangedOrganizationAlerts = OrganizationAlerts.extend({
  signing_secret: signingSecret,
});

export type ChangedOrganizationAlerts = z.output<typeof ChangedOrganizationAlerts>;

export const OrganizationAlertsChange = z.strictObject({
  webhook_url: webhookUrl.nullable().optional(),
  rotate_secret: rotateSecret,
  thresholds: thresholds.optional(),
  low_balance_alert_usd: spendLimit()
    .nullable()
    .optional()
    .describe('Told once when the balance sinks below it, and again after it was enough.'),
  email_enabled: z.boolean().optional(),
});

export type OrganizationAlertsChange = z.output<typeof OrganizationAlertsChange>;

const shared = { tag: 'organizations', caller: 'member', action: 'alerts.manage' } as const;

export const readAlerts = endpoint({
  ...shared,
  method: 'GET',
  path: '/v1/organizations/{organization_id}/alerts',
  summary: 'Read where an organization’s alerts go',
  request: { params: OrganizationParams },
  answers: {
    200: { description: 'As it is.', content: { 'application/json': OrganizationAlerts } },
  },
  refusals: MEMBER_REFUSALS,
});

export const updateAlerts = endpoint({
  ...shared,
  method: 'PATCH',
  path: '/v1/organizations/{organization_id}/alerts',
  summary: 'Change where an organization’s alerts go, and what for',
  description:
    'What is not named stays. A new URL gets a new signing secret, which is shown this once; events are signed as Standard ' +
    'Webhooks says. A limit that is reached already is told at once.',
  request: { params: OrganizationParams, body: { 'application/json': OrganizationAlertsChange } },
  answers: {
    200: {
      description: 'As it is now.',
      content: { 'application/json': ChangedOrganizationAlerts },
    },
  },
  refusals: [...MEMBER_REFUSALS, ...BODY_REFUSALS, 'conflict'],
});

export const testAlerts = endpoint({
  ...shared,
  method: 'POST',
  path: '/v1/organizations/{organization_id}/alerts/test',
  summary: 'Send a test event to an organization’s alert webhook',
  description:
    'One signed event of the type `organization.alert_test`, now. Redirects are not followed. At most ten tests a minute.',
  request: { params: OrganizationParams },
  answers: { 200: { description: 'It was tried.', content: { 'application/json': AlertTest } } },
  refusals: [...MEMBER_REFUSALS, 'conflict'],
});

export const listAlertDeliveries = endpoint({
  ...shared,
  method: 'GET',
  path: '/v1/organizations/{organization_id}/alert-deliveries',
  summary: 'List the tries to reach an organization’s alert webhook',
  description: 'The latest first, of the last 30 days. An event is tried for a day.',
  request: { params: OrganizationParams, query: PageQuery },
  answers: {
    200: { description: 'One page.', content: { 'application/json': AlertDeliveryList } },
  },
  refusals: [...MEMBER_REFUSALS, 'invalid_request_error'],
});
