export { apiKeys } from './api-keys.ts';
export { auditLog } from './audit-log.ts';
export { generations } from './generations.ts';
export { ledgerEntries, wallets } from './money.ts';
export { organizations } from './organizations.ts';
