import { z } from 'zod';
import { id, signedUsd, time, usd } from './values.ts';

/** What every event that a limit causes says. */
const reached = {
  org_id: id('org'),
  threshold: z.int().describe('Per cent of the limit that were reached.'),
  spent_usd: usd().describe('When it was decided.'),
  cap_usd: usd().describe('The limit.'),
  month: z
    .string()
    .regex(/^\d{4}-\d{2}$/)
    .describe('In the organization’s time zone.')
    .meta({ examples: ['2026-11'] }),
  resets_at: time().describe('When the next month begins.'),
};

const event = <const Type extends string, Data extends z.ZodRawShape>(type: Type, data: Data) =>
  z.object({
    type: z.literal(type),
    timestamp: time().describe('When it happened; the same for every try.'),
    data: z.object(data),
  });

export const KeyThresholdReached = event('key.spend_threshold_reached', {
  key_id: id('key'),
  ...reached,
});

export const MemberThresholdReached = event('member.spend_threshold_reached', {
  user_id: id('usr'),
  ...reached,
});

export const OrganizationThresholdReached = event('organization.spend_threshold_reached', reached);

export const LowBalance = event('wallet.low_balance', {
  org_id: id('org'),
  balance_usd: signedUsd(),
  low_balance_alert_usd: usd(),
});

const thresholds = z.array(z.int());

export const KeyAlertTest = event('key.alert_test', {
  org_id: id('org'),
  key_id: id('key'),
  thresholds,
});

export const OrganizationAlertTest = event('organization.alert_test', {
  org_id: id('org'),
  thresholds,
});

/** The body of a webhook. */
export const AlertEvent = z.discriminatedUnion('type', [
  KeyThresholdReached,
  MemberThresholdReached,
  OrganizationThresholdReached,
  LowBalance,
  KeyAlertTest,
  OrganizationAlertTest,
]);

export type AlertEvent = z.output<typeof AlertEvent>;

/** What is sent to webhooks, by the type of the event. */
export const WEBHOOKS = {
  'key.spend_threshold_reached': {
    summary: 'A key has spent a per cent of its monthly cap',
    body: KeyThresholdReached,
  },
  'member.spend_threshold_reached': {
    summary: 'The keys of a member have spent a per cent of the member’s monthly quota',
    body: MemberThresholdReached,
  },
  'organization.spend_threshold_reached': {
    summary: 'An organization has spent a per cent of its monthly quota',
    body: OrganizationThresholdReached,
  },
  'wallet.low_balance': {
    summary: 'The balance of an organization has sunk below what it named',
    body: LowBalance,
  },
  'key.alert_test': { summary: 'Somebody tests the webhook of a key', body: KeyAlertTest },
  'organization.alert_test': {
    summary: 'Somebody tests the webhook of an organization',
    body: OrganizationAlertTest,
  },
} as const satisfies Record<
  AlertEvent['type'],
  { readonly summary: string; readonly body: z.ZodType }
>;
