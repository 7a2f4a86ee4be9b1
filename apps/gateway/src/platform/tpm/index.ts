export { findTpm, parseTpmSetting, type TpmSetting } from './address.ts';
export { obtainAttestationKey, type AttestationKey } from './attestation-key.ts';
export { createTpmClient, TpmError, type TpmClient } from './client.ts';
export { getRandom, quote, readPcrs, type PcrIndexes, type Quote } from './commands.ts';
export type { TpmAddress } from './connection.ts';
