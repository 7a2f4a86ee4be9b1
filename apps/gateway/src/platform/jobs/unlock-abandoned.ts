import type { Pool } from 'pg';

/** No job takes so long: whoever began it then was killed. The library's own patience is four hours. */
export const ABANDONED_AFTER_MS = 10 * 60_000;

/** Jobs whose process died while it had them are taken up again: they have to bear to be begun twice. */
export async function unlockAbandoned(
  { pool }: { readonly pool: Pick<Pool, 'query'> },
  lockedForMs: number,
): Promise<void> {
  await pool.query(
    `select graphile_worker.force_unlock_workers(array_agg(distinct locked_by)) from graphile_worker.jobs
    where locked_at <= now() - $1 * interval '1 millisecond'`,
    [lockedForMs],
  );
}
