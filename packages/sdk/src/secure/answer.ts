import type { SecurityTier, TpmAttestation } from '@sealgate/protocol';
import type { ChatCompletion } from '../resources/chat-answer.ts';

/** What the server says about how it protects its memory. */
export interface ServerMemoryProtection {
  readonly enabled: boolean;
  readonly platform: string;
  readonly protection_level: 'none' | 'zeroing_only' | 'full';
  readonly has_memory_locking: boolean;
  readonly has_secure_zeroing: boolean;
  readonly supports_full_protection: boolean;
  /** Bytes. */
  readonly page_size: number;
}

/** What the server says about its graphics cards; hashes are keyed per installation. */
export interface ServerGraphicsCards {
  readonly is_available: boolean;
  readonly device_count?: number;
  readonly devices?: readonly {
    readonly name_hash: string;
    readonly uuid_hash: string;
    readonly memory_total_mb: number;
  }[];
}

/** About one sealed answer. Only `payload_id` and `is_encrypted` are this client's own knowledge. */
export interface SealedMetadata {
  readonly payload_id: string;
  /** Unix seconds; stands outside the encryption, so anyone on the way can change it. */
  readonly processed_at: number | null;
  readonly is_encrypted: true;
  readonly encryption_algorithm: string;
  readonly response_status?: string;
  readonly security_tier?: SecurityTier;
  readonly memory_protection?: ServerMemoryProtection;
  readonly cuda_device?: ServerGraphicsCards;
  /** Nothing is proved before `verifyAttestation` says so. */
  readonly tpm_attestation?: TpmAttestation;
}

/** A chat answer that came sealed. */
export interface SealedChatCompletion extends ChatCompletion {
  _metadata: SealedMetadata;
}
