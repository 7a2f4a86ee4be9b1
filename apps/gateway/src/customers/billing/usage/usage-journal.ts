import type { Logger } from 'pino';
import { openJournal } from '../../../platform/journal/index.ts';
import { ArrivedTariffs } from '../price-lists/charged-tariffs.ts';
import type { UsageJournal } from './generation.ts';
import { printGeneration } from './print-generation.ts';
import { settleGenerations, type Settling } from '../settlement/settle-generations.ts';

export interface OpenUsageJournal extends UsageJournal {
  /** Resolves when everything appended before is in the database; rejects when that fails now. */
  flush(): Promise<void>;
  close(): Promise<void>;
  pendingCount(): number;
}

/** Keeps what requests used on local disk until the database has it. */
export async function openUsageJournal(options: {
  readonly dir: string;
  readonly ctx: Settling;
  readonly log: Pick<Logger, 'warn' | 'error'>;
}): Promise<OpenUsageJournal> {
  const { dir, ctx, log } = options;
  const arrived = new ArrivedTariffs();
  const journal = await openJournal({
    dir,
    log,
    apply: async (lines) => {
      const refused = await settleGenerations(ctx, lines);
      arrived.note(lines.filter((line) => !refused.includes(line)));
      return refused;
    },
  });
  return {
    append: (generation, tariff) =>
      journal.append(arrived.complete(printGeneration(generation), tariff)),
    flush: () => journal.flush(),
    close: () => journal.close(),
    pendingCount: () => journal.pendingCount(),
  };
}
