export type { ApiKey, KeyVerdict, KeyVerifier } from './api-key.ts';
export { createKey } from './create.ts';
export { ensureFirstRun, type FirstRun } from './ensure-first-run.ts';
export { listKeys, type ListedKey } from './list.ts';
export { revokeKey } from './revoke.ts';
export { createKeyVerifier } from './verify.ts';
