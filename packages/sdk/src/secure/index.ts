export {
  APIConnectionError,
  APIError,
  APITimeoutError,
  AuthenticationError,
  ConflictError,
  ForbiddenError,
  InvalidRequestError,
  NotFoundError,
  RateLimitError,
  RequestAbortedError,
  SealgateError,
  SecurityError,
  ServerError,
  ServiceUnavailableError,
  type APIErrorFacts,
} from '../errors.ts';
export type { Runtime } from '../runtime.ts';
export type { CheckVerdict, QuoteCheck, SecurityTier, TpmAttestation } from '@sealgate/protocol';
export type {
  SealedChatCompletion,
  SealedMetadata,
  ServerGraphicsCards,
  ServerMemoryProtection,
} from './answer.ts';
export type { ChannelOptions } from './channel.ts';
export type { KeySize } from './client-keys.ts';
export { getMemoryProtectionInfo, type MemoryProtectionInfo } from './memory-protection.ts';
export {
  SecureChatCompletion,
  type SecureChatCompletionOptions,
  type SecureChatRequest,
} from './secure-chat-completion.ts';
export {
  SecureCompletionClient,
  type GenerateKeysOptions,
  type SecureCompletionClientOptions,
} from './secure-completion-client.ts';
export { serverPublicKeyOf } from './server-public-key.ts';
export {
  verifyAttestation,
  type AttestationOptions,
  type AttestationVerdict,
} from './verify-attestation.ts';
