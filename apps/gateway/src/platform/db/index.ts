export { LOCKS, lockTransaction } from './advisory-lock.ts';
export { DatabaseProblem } from './database-problem.ts';
export type { Database, Db, Transaction } from './database.ts';
export { openDatabase, type DatabaseOptions } from './open-database.ts';
export {
  apiKeys,
  auditLog,
  generations,
  ledgerEntries,
  organizations,
  wallets,
} from './schema/index.ts';
export { subscribe } from './subscribe.ts';
