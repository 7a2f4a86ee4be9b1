import { Client, Pool, type ClientConfig } from 'pg';
import type { Database } from './database.ts';
import { Store } from './scope.ts';

const POOL_SIZE = 10;
const CONNECT_TIMEOUT_MS = 3_000;
const QUERY_TIMEOUT_MS = 10_000;

/** `leave` runs when the pool has ended. */
export function connectDatabase(
  kind: Database['kind'],
  connection: ClientConfig,
  leave: () => Promise<void>,
): Database {
  const pool = new Pool({
    query_timeout: QUERY_TIMEOUT_MS,
    ...connection,
    ...sessionConfig('pool'),
    max: POOL_SIZE,
  });
  pool.on('error', ignore);
  // The pool listens to idle sessions only; one that is lost within a transaction would end this process.
  pool.on('connect', (client) => client.on('error', ignore));
  return {
    kind,
    pool,
    store: new Store(pool),
    createClient: () => createClient(connection, 'listener'),
    close: async () => {
      await pool.end();
      await leave();
    },
  };
}

export function createClient(connection: ClientConfig, purpose: string): Client {
  const client = new Client({ ...connection, ...sessionConfig(purpose) });
  client.on('error', ignore);
  return client;
}

function sessionConfig(purpose: string): ClientConfig {
  return {
    application_name: `sealgate ${purpose}, process ${process.pid}`,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
  };
}

/** A lost connection shows in the next statement; without a listener it would end this process. */
function ignore(): void {}
