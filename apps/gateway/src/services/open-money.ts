import { join } from 'node:path';
import type { Config } from '../config.ts';
import {
  createQueue,
  openHoldKeeper,
  openLivePrices,
  openStripe,
  openUsageJournal,
  type InvoiceServices,
  type LivePrices,
  type OpenUsageJournal,
  type PaymentServices,
  type Plans,
} from '../customers/billing/index.ts';
import type { ChatServices } from '../inference/chat/index.ts';
import { createTokenCounter } from '../inference/tokens/index.ts';
import { paymentMetrics } from '../observation.ts';
import { systemClock } from '../platform/clock.ts';
import type { Context } from '../platform/context.ts';
import type { Database } from '../platform/db/index.ts';
import { newId } from '../platform/ids.ts';
import { directoryId } from '../platform/installation.ts';
import type { Log, Metrics } from '../platform/telemetry/index.ts';
import type { OnClose } from './on-close.ts';

/** What a request costs, and who keeps count of it. */
export async function openMoney(
  { dataDir, priceLists }: Config,
  parts: {
    readonly database: Database;
    readonly ctx: Context;
    readonly log: Log;
    readonly metrics: Metrics;
    readonly plans: Plans;
  },
  onClose: OnClose,
): Promise<
  Pick<ChatServices, 'holds' | 'priceList' | 'tokens'> & {
    readonly journal: OpenUsageJournal;
    readonly prices: LivePrices;
  }
> {
  const { database, ctx, log, metrics, plans } = parts;
  const journal = await openUsageJournal({ dir: join(dataDir, 'journal'), ctx, log });
  onClose(() => journal.close());
  metrics.watchJournal(() => journal.pendingCount());
  // Closed before the journal, whose content has to be applied before leases are given back.
  const holds = await openHoldKeeper({
    database,
    instance: { id: newId('instance'), directoryId: await directoryId(dataDir) },
    newLeaseId: () => newId('lease'),
    clock: systemClock,
    monotonicMs: () => performance.now(),
    flush: () => journal.flush(),
    log,
  });
  onClose(() => holds.close());
  const tokens = createTokenCounter();
  onClose(() => tokens.close());
  const prices = await openLivePrices({ database, fileLists: priceLists, plans, log });
  onClose(() => prices.close());
  const priceList: ChatServices['priceList'] = (plan, nowMs) => prices.listFor(plan, nowMs);
  return { journal, holds, tokens, prices, priceList };
}

/** How wallets gain money. */
export async function openPayments(
  { payments, operator, publicUrl }: Config,
  { log, metrics }: { readonly log: Log; readonly metrics: Metrics },
  onClose: OnClose,
): Promise<{ readonly payments: PaymentServices; readonly invoices: InvoiceServices }> {
  const { stripe, ...bounds } = payments;
  const provider = stripe && (await openStripe(stripe));
  onClose(() => provider?.close());
  return {
    payments: { ...bounds, provider, publicUrl, metrics: paymentMetrics(metrics), log },
    invoices: { operator, log, inTurn: createQueue() },
  };
}
