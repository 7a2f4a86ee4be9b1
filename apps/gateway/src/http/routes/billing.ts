import {
  ENDPOINTS,
  nanoUsd,
  printUsd,
  type Balance as PrintedBalance,
  type LedgerEntry as PrintedEntry,
  type UsageReport,
} from '@sealgate/contract';
import {
  listLedger,
  readBalance,
  summarizeUsage,
  type Balance,
  type LedgerEntry,
  type UsageGroup,
  type UsageSummary,
  type UsageTotals,
} from '../../customers/billing/index.ts';
import type { AddRoute } from '../platform/add-route.ts';
import { printList } from '../platform/print-list.ts';
import { printSettings } from './payments.ts';
import { printTiers, printTotals, printUsageTable } from './print-usage.ts';

export function addBillingRoutes(addRoute: AddRoute): void {
  addRoute(ENDPOINTS.readBalance, async (ctx) => printBalance(await readBalance(ctx)));
  addRoute(ENDPOINTS.readUsage, async (ctx, { query, header }) => {
    const usage = await summarizeUsage(ctx, { days: query.days, groupBy: query.group_by });
    const isFileWanted = /\btext\/csv\b/i.test(header('accept') ?? '');
    return isFileWanted ? printFile(usage) : printReport(usage);
  });
  addRoute(ENDPOINTS.listLedger, async (ctx, { query }) =>
    printList(await listLedger(ctx, query), printEntry),
  );
}

const VARY = { vary: 'accept' } as const;

const printBalance = (balance: Balance): PrintedBalance => ({
  balance_usd: printUsd(balance.balanceNano),
  held_usd: printUsd(balance.heldNano),
  available_usd: printUsd(balance.availableNano),
  currency: 'USD',
  auto_top_up: balance.autoTopUp === undefined ? null : printSettings(balance.autoTopUp),
});

const printFile = (usage: UsageSummary) =>
  ({
    status: 200,
    contentType: 'text/csv',
    body: printUsageTable(usage.groups),
    headers: {
      ...VARY,
      'content-disposition': `attachment; filename="usage-${usage.from}-${usage.to}.csv"`,
      'content-type': 'text/csv; charset=utf-8',
    },
  }) as const;

const printReport = (usage: UsageSummary) =>
  ({
    status: 200,
    contentType: 'application/json',
    body: printUsage(usage),
    headers: VARY,
  }) as const;

const printUsage = (usage: UsageSummary): UsageReport => ({
  from: usage.from,
  to: usage.to,
  time_zone: usage.timeZone,
  total_usd: printUsd(usage.total.costNano),
  requests: usage.total.requests,
  daily: [...usage.daily].map(printDay),
  by_tier: printTiers(usage.byTier),
  group_by: usage.groupBy,
  groups: usage.groups.map(printGroup),
});

const printDay = ([date, totals]: readonly [string, UsageTotals]) => ({
  date,
  ...printTotals(totals),
});

const printGroup = ({ id, name, ...totals }: UsageGroup) => ({ id, name, ...printTotals(totals) });

const printEntry = (entry: LedgerEntry): PrintedEntry => ({
  transfer_id: entry.transferId,
  kind: entry.kind,
  amount_usd: printUsd(nanoUsd(entry.amountNano)),
  balance_usd: printUsd(nanoUsd(entry.balanceNano ?? 0n)),
  generation_id: entry.kind === 'usage' || entry.kind === 'refund' ? entry.requestId : null,
  top_up_id: entry.topUpId,
  reason: entry.reason,
  created_at: entry.createdAt.toISOString(),
});
