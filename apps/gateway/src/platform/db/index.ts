export { LOCKS, lockTransaction } from './advisory-lock.ts';
export { DatabaseProblem, type DatabaseProblemKind } from './database-problem.ts';
export type { Database, Db, Transaction } from './database.ts';
export { openDatabase, type DatabaseOptions } from './open-database.ts';
export {
  apiKeys,
  auditLog,
  generations,
  ledgerEntries,
  organizations,
  settings,
  wallets,
} from './schema/index.ts';
export { subscribe, type Subscriber, type Subscription } from './subscribe.ts';
