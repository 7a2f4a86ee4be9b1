export type { ApiKey, KeyVerdict, KeyVerifier } from './api-key.ts';
