import { mkdtemp, chmod, rm } from 'node:fs/promises';
import { Client, type ClientConfig } from 'pg';
import { ensureServer, stopServer } from '../../apps/gateway/src/platform/db/embedded/server.ts';

/** One PostgreSQL that all gateways of a race share. */
export interface SharedPostgres {
  /** For `DATABASE_URL`. */
  readonly url: string;
  /** Past all scopes. */
  query<Row extends object>(text: string, values?: readonly unknown[]): Promise<readonly Row[]>;
  stop(): Promise<void>;
}

export async function startPostgres(): Promise<SharedPostgres> {
  const directory = await mkdtemp('/tmp/sealgate-race-');
  // PostgreSQL’s own account, which serves when we are root, must be able to pass.
  await chmod(directory, 0o711);
  const { connection, superuser } = await ensureServer(directory, () => undefined);
  const session = new Client(superuser);
  await session.connect();
  return {
    url: urlOf(connection),
    query: async <Row extends object>(text: string, values: readonly unknown[] = []) =>
      (await session.query<Row>(text, [...values])).rows,
    stop: async () => {
      await session.end();
      await stopServer(directory);
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** The socket’s folder goes into the query: it is no host name. */
function urlOf({ user, password, database, host }: ClientConfig): string {
  const url = new URL(`postgres://localhost/${database}`);
  url.username = String(user);
  url.password = String(password);
  url.searchParams.set('host', String(host));
  return url.href;
}
