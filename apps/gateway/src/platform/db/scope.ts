import { drizzle } from 'drizzle-orm/node-postgres';
import { escapeLiteral, type Pool, type PoolClient } from 'pg';
import type { Transaction } from './database.ts';
import { serviceUnavailable, statementFailure } from './failure.ts';

/**
 * The way to the tables. It has no statements of its own: whoever wants one names a scope and gets a transaction in which
 * the database shows only that scope's rows.
 */
export class Store {
  readonly #pool: Pool;
  readonly #transactions = new WeakMap<PoolClient, Transaction>();

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  /** Call `inTenant`, `inPerson` or `inSystem` instead. */
  static async run<Result>(
    store: Store,
    scope: string,
    work: (transaction: Transaction) => Promise<Result>,
  ): Promise<Result> {
    let isOurStatement = true;
    try {
      return await store.#withClient(async (client) => {
        await client.query(
          `begin; select set_config('sealgate.scope', ${escapeLiteral(scope)}, true)`,
        );
        isOurStatement = false;
        const result = await work(store.#transactionOn(client));
        isOurStatement = true;
        await client.query('commit');
        return result;
      });
    } catch (error) {
      throw serviceUnavailable(error, isOurStatement) ?? statementFailure(error) ?? error;
    }
  }

  /** Drizzle's own transactions lose their client when `begin` fails. */
  async #withClient<Result>(use: (client: PoolClient) => Promise<Result>): Promise<Result> {
    const client = await this.#pool.connect();
    let fault: Error | undefined;
    try {
      return await use(client);
    } catch (error) {
      await client.query('rollback').catch((cause: Error) => {
        fault = cause;
      });
      throw error;
    } finally {
      client.release(fault);
    }
  }

  #transactionOn(client: PoolClient): Transaction {
    const transaction = this.#transactions.get(client) ?? drizzle(client);
    this.#transactions.set(client, transaction);
    return transaction;
  }
}

export interface Stored {
  readonly store: Store;
}

/** Whatever the work asks, it sees and writes rows of this one organization only. */
export function inTenant<Result>(
  { store }: Stored,
  organizationId: string,
  work: (transaction: Transaction) => Promise<Result>,
): Promise<Result> {
  return Store.run(store, `organization:${organizationId}`, work);
}

/** The tables of accounts, and to read: the person's memberships and their organizations. */
export function inPerson<Result>(
  { store }: Stored,
  userId: string,
  work: (transaction: Transaction) => Promise<Result>,
): Promise<Result> {
  return Store.run(store, `user:${userId}`, work);
}

/**
 * Everything of everybody: for jobs, and to find out whose a secret is. `scope.test.ts` lists who may do this.
 */
export function inSystem<Result>(
  { store }: Stored,
  work: (transaction: Transaction) => Promise<Result>,
): Promise<Result> {
  return Store.run(store, 'system', work);
}
