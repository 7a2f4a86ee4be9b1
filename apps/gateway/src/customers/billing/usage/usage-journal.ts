import type { Logger } from 'pino';
import { openJournal } from '../../../platform/journal/index.ts';
import type { Database } from '../../../platform/db/index.ts';
import type { Generation, UsageJournal } from './generation.ts';
import { storeGenerations } from '../settlement/store-generations.ts';

export interface OpenUsageJournal extends UsageJournal {
  /** Resolves when everything appended before is in the database; rejects when that fails now. */
  flush(): Promise<void>;
  close(): Promise<void>;
  pendingCount(): number;
}

/** Keeps what requests used on local disk until the database has it. */
export async function openUsageJournal(options: {
  readonly dir: string;
  readonly database: Pick<Database, 'store'>;
  readonly log: Pick<Logger, 'warn' | 'error'>;
}): Promise<OpenUsageJournal> {
  const { dir, database, log } = options;
  const journal = await openJournal({
    dir,
    log,
    apply: (lines) => storeGenerations(database, lines),
  });
  return {
    append: (generation) => journal.append(printGeneration(generation)),
    flush: () => journal.flush(),
    close: () => journal.close(),
    pendingCount: () => journal.pendingCount(),
  };
}

/** The database has no place for these in a text. Cutting a caller's text can leave half a surrogate pair. */
const UNSTORABLE = /[\0\p{Surrogate}]/gu;

/** One line of JSON; an absent member is null in the database. */
function printGeneration({ costNano, modelAsked, ...rest }: Generation): string {
  return JSON.stringify({
    ...rest,
    modelAsked: modelAsked.replace(UNSTORABLE, '\u{FFFD}'),
    costNano: costNano.toString(),
  });
}
