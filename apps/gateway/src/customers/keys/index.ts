export type { ApiKey, KeyVerdict, KeyVerifier } from './api-key.ts';
export { createKey, type CreatedKey, type NewKey } from './create.ts';
export { ensureFirstRun, type FirstRun } from './ensure-first-run.ts';
export { listKeys, type ListedKey } from './list.ts';
export { revokeKey, type KeyReference } from './revoke.ts';
export { createKeyVerifier } from './verify.ts';
