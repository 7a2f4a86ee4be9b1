import { openDatabase } from '../../apps/gateway/src/platform/db/index.ts';
import type { Gateway } from '../harness.ts';

/** Asks the gateway's own database, as a command beside it does. */
export async function queryDatabase<Row extends object>(
  { dataDir }: Pick<Gateway, 'dataDir'>,
  text: string,
  values: readonly unknown[] = [],
): Promise<readonly Row[]> {
  const database = await openDatabase({ dataDir, role: 'command', onProgress: () => undefined });
  try {
    const { rows } = await database.pool.query<Row>(text, [...values]);
    return rows;
  } finally {
    await database.close();
  }
}
