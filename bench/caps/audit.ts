import { setTimeout as pause } from 'node:timers/promises';
import type { SharedPostgres } from './postgres.ts';

/** What the database says when the dust has settled. */
export interface Audit {
  readonly spentNano: bigint;
  /** Money that is still set aside, after waiting for it. */
  readonly leakedNano: bigint;
  /** How long it took until nothing was set aside any more. */
  readonly releaseSeconds: number;
  /** Answers that a client has got and the books do not have. */
  readonly missingRecords: number;
  /** Records whose charge is missing or differs. */
  readonly wrongCharges: number;
  /** What nobody could be charged for. */
  readonly writtenOffNano: bigint;
}

/** As the requirement says. */
const RELEASE_SECONDS = 60;

export async function audit(
  database: SharedPostgres,
  keyIds: readonly string[],
  answered: readonly string[],
): Promise<Audit> {
  const { leakedNano, releaseSeconds } = await awaitRelease(database);
  const [books] = await database.query<Record<keyof Row, string>>(BOOKS, [keyIds]);
  const found = await database.query<{ id: string }>(
    'select id from generations where id = any($1)',
    [answered],
  );
  return {
    leakedNano,
    releaseSeconds,
    spentNano: BigInt(books?.spent ?? 0),
    writtenOffNano: BigInt(books?.lost ?? 0),
    wrongCharges: Number(books?.wrong ?? 0),
    missingRecords: answered.length - found.length,
  };
}

interface Row {
  readonly spent: string;
  readonly lost: string;
  readonly wrong: string;
}

/** From what was charged in the ledger, not from what the gateways counted. */
const BOOKS = `
  select coalesce(sum(paid), 0)::text as spent, coalesce(sum(written_off_nano), 0)::text as lost,
    count(*) filter (where coalesce(paid, 0) <> cost_nano)::text as wrong
  from generations
  left join (select request_id, -sum(amount_nano) as paid from ledger_entries
    where account = 'wallet' and kind = 'usage' group by request_id) as charges on request_id = id
  where key_id = any($1)`;

async function awaitRelease(
  database: SharedPostgres,
): Promise<{ readonly leakedNano: bigint; readonly releaseSeconds: number }> {
  const startedAt = performance.now();
  for (;;) {
    const [held] = await database.query<{ nano: string }>(
      'select coalesce(sum(outstanding_nano), 0)::text as nano from budget_leases',
    );
    const leakedNano = BigInt(held?.nano ?? 0);
    const releaseSeconds = (performance.now() - startedAt) / 1_000;
    if (leakedNano === 0n || releaseSeconds > RELEASE_SECONDS) {
      return { leakedNano, releaseSeconds };
    }
    await pause(250);
  }
}

/** Looks again and again whether anything is above its limit; returns how often it was. */
export function watchLimits(database: SharedPostgres): { stop(): Promise<number> } {
  const stop = new AbortController();
  const watching = (async () => {
    let violations = 0;
    while (!stop.signal.aborted) {
      const [row] = await database.query<{ violations: string }>(VIOLATIONS);
      violations += Number(row?.violations ?? 0);
      await pause(50);
    }
    return violations;
  })();
  return {
    stop: () => {
      stop.abort();
      return watching;
    },
  };
}

const VIOLATIONS = `
  select ((select count(*) from budgets join api_keys on api_keys.id = subject
      where scope = 'key' and spent_nano + held_nano > monthly_spend_cap_nano)
    + (select count(*) from budgets join organizations on organizations.id = subject
      where scope = 'organization' and spent_nano + held_nano > monthly_spend_quota_nano)
    + (select count(*) from wallets where held_nano > balance_nano))::text as violations`;
