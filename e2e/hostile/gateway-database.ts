import { readFile, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { SUPERUSER } from '../../apps/gateway/src/platform/db/embedded/cluster.ts';
import { socketDirectoryOf } from '../../apps/gateway/src/platform/db/embedded/socket-directory.ts';
import type { Gateway } from '../harness.ts';

/** Uses the gateway's own database past all of its restrictions: nothing is hidden from whoever has the machine. */
export async function withDatabase<T>(
  gateway: Pick<Gateway, 'dataDir'>,
  use: (session: Client) => Promise<T>,
): Promise<T> {
  const dataDir = await realpath(gateway.dataDir);
  const session = new Client({
    host: socketDirectoryOf(dataDir),
    user: SUPERUSER,
    password: await readFile(join(dataDir, 'postgres.password'), 'utf8'),
    database: 'postgres',
    connectionTimeoutMillis: 5_000,
  });
  // A database that a test ends says so in the next statement.
  session.on('error', () => undefined);
  try {
    await session.connect();
    return await use(session);
  } finally {
    await session.end();
  }
}

export const queryDatabase = <Row extends object>(
  gateway: Pick<Gateway, 'dataDir'>,
  text: string,
  values: readonly unknown[] = [],
): Promise<readonly Row[]> =>
  withDatabase(gateway, async (session) => (await session.query<Row>(text, [...values])).rows);
