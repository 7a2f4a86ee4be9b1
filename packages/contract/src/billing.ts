import { z } from 'zod';
import { endpoint, MEMBER_REFUSALS } from './endpoint.ts';
import { AutoTopUpSummary } from './payments.ts';
import { id, listOf, PageQuery, signedUsd, time, usd } from './values.ts';

export const Balance = z.object({
  balance_usd: signedUsd().describe(
    'Of the wallet. Below zero when requests cost more than was there.',
  ),
  held_usd: usd().describe(
    'Set aside for requests that are still running, and by gateways for the next ones: what those do not use is free again within seconds.',
  ),
  available_usd: usd().describe('What requests may still cost: the balance without what is held.'),
  currency: z.literal('USD'),
  auto_top_up: AutoTopUpSummary.nullable().describe('Null: it was never set up.'),
});

export type Balance = z.output<typeof Balance>;

export const readBalance = endpoint({
  method: 'GET',
  path: '/v1/billing/balance',
  tag: 'billing',
  summary: 'Read the balance',
  caller: 'member',
  action: 'usage.read',
  answers: { 200: { description: 'The wallet.', content: { 'application/json': Balance } } },
  refusals: MEMBER_REFUSALS,
});

export const UsageTotals = z.object({
  requests: z.int().describe('Also those that failed and cost nothing.'),
  input_tokens: z.int(),
  output_tokens: z.int(),
  cost_usd: usd(),
});

export type UsageTotals = z.output<typeof UsageTotals>;

const groupBy = z.enum(['day', 'key', 'model', 'member']);

export const UsageQuery = z.strictObject({
  days: z.coerce.number().int().min(1).max(366).default(7).describe('Today and the days before.'),
  group_by: groupBy.default('day').describe('What `groups` is about.'),
});

export type UsageQuery = z.output<typeof UsageQuery>;

export const UsageGroup = UsageTotals.extend({
  id: z
    .string()
    .nullable()
    .describe('The day, key, model or user. Null: no model answered, or no member made the key.'),
  name: z.string().nullable().describe('Of the key, or the address of the member.'),
});

export type UsageGroup = z.output<typeof UsageGroup>;

export const UsageReport = z.object({
  from: z.iso.date().describe('The first day, in `time_zone`.'),
  to: z.iso.date().describe('The last day: today.'),
  time_zone: z.string().describe('IANA name; where the days of the organization begin.'),
  total_usd: usd().describe('What requests have cost. Refunds are in the ledger.'),
  requests: z.int(),
  daily: z
    .array(UsageTotals.extend({ date: z.iso.date() }))
    .describe('Each day, the oldest first.'),
  by_tier: z.record(z.enum(['fast', 'balanced', 'passthrough', 'byok']), UsageTotals),
  group_by: groupBy,
  groups: z.array(UsageGroup).describe('Days in their order; others from the most expensive on.'),
});

export type UsageReport = z.output<typeof UsageReport>;

export const UsageTable = z
  .string()
  .describe('The groups, under a heading.')
  .meta({ examples: ['id,name,requests,input_tokens,output_tokens,cost_usd\r\n'] });

export const readUsage = endpoint({
  method: 'GET',
  path: '/v1/billing/usage',
  tag: 'billing',
  summary: 'Sum up what was used and what it cost',
  description: 'With `Accept: text/csv` the groups come as a file for spreadsheets.',
  caller: 'member',
  action: 'usage.read',
  request: { query: UsageQuery },
  answers: {
    200: {
      description: 'The usage.',
      content: { 'application/json': UsageReport, 'text/csv': UsageTable },
    },
  },
  refusals: [...MEMBER_REFUSALS, 'invalid_request_error'],
});

export const LedgerEntry = z.object({
  transfer_id: id('trf'),
  kind: z.enum([
    'start_credit',
    'usage',
    'credit',
    'adjustment',
    'refund',
    'top_up',
    'top_up_refund',
    'top_up_refund_reversal',
    'dispute',
    'dispute_reversal',
    'plan_fee',
  ]),
  amount_usd: signedUsd().describe('What the wallet gained; below zero: what it paid.'),
  balance_usd: signedUsd().describe('Of the wallet, after it.'),
  generation_id: id('gen').nullable().describe('What was paid for, or given back.'),
  top_up_id: id('top')
    .nullable()
    .describe('What was paid in, or taken back; as `checkout_id` of its checkout.'),
  reason: z
    .string()
    .nullable()
    .describe('Of what a person has booked; of a fee, the plan and its month.'),
  created_at: time(),
});

export type LedgerEntry = z.output<typeof LedgerEntry>;

export const Ledger = listOf(LedgerEntry);

export type Ledger = z.output<typeof Ledger>;

export const listLedger = endpoint({
  method: 'GET',
  path: '/v1/billing/ledger',
  tag: 'billing',
  summary: 'List what the wallet has gained and paid',
  description: 'The latest first. Entries never change; a correction is an entry of its own.',
  caller: 'member',
  action: 'billing.manage',
  request: { query: PageQuery },
  answers: { 200: { description: 'One page.', content: { 'application/json': Ledger } } },
  refusals: [...MEMBER_REFUSALS, 'invalid_request_error'],
});
