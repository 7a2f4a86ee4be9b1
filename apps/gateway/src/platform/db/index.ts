export { LOCKS, lockTransaction } from './advisory-lock.ts';
export { DatabaseProblem } from './database-problem.ts';
export type { Database, Transaction } from './database.ts';
export { StatementFailure, violates } from './failure.ts';
export { openDatabase, type DatabaseOptions } from './open-database.ts';
export {
  alertDeliveries,
  alertMessages,
  alerts,
  apiKeys,
  auditLog,
  autoTopUps,
  budgetLeases,
  budgets,
  conversations,
  feedback,
  gatewayInstances,
  generations,
  idempotencyKeys,
  invitations,
  invoiceCounter,
  invoiceFiles,
  invoiceLines,
  invoices,
  ledgerEntries,
  memberships,
  messages,
  organizations,
  outboxMails,
  paymentProfiles,
  recoveryCodes,
  routingDecisions,
  routingLessons,
  routingSnapshots,
  routingVersions,
  sessions,
  sessionTokens,
  stripeEvents,
  topUpMovements,
  topUps,
  totpSecrets,
  users,
  userTokens,
  wallets,
} from './schema/index.ts';
export { inPerson, inSystem, inTenant, Store, type Stored } from './scope.ts';
export { subscribe } from './subscribe.ts';
