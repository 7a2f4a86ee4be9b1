export {
  DEFAULT_ATTESTATION,
  type AttestationSettings,
  type AttestationState,
} from './attestor.ts';
export type { CudaDevice } from './graphics-cards.ts';
export type { MemoryProtection, Metadata } from './metadata.ts';
export {
  createSealedChat,
  type Protection,
  type SealedChat,
  type SealedChatOptions,
  type SealedExchange,
  type SealedFault,
} from './sealed-chat.ts';
export { DEFAULT_SEALED_LIMITS, type SealedLimitSettings } from './sealed-limits.ts';
export { generateServerKey, type ServerKey } from './server-key.ts';
export type { Trust } from './tier.ts';
export type { SealedRequest, UnsealedRequest } from './unseal.ts';
