import { platform } from 'node:os';
import type { SecurityTier, TpmAttestation } from '@sealgate/protocol';
import type { MemoryState } from '../../platform/memory/index.ts';
import type { CudaDevice } from './graphics-cards.ts';

/** `_metadata.memory_protection`, in its wire spelling. The last three are how the newest published client names it. */
export interface MemoryProtection {
  readonly enabled: boolean;
  readonly platform: string;
  readonly protection_level: 'none' | 'zeroing_only' | 'full';
  readonly has_memory_locking: boolean;
  readonly has_secure_zeroing: boolean;
  readonly supports_full_protection: boolean;
  readonly page_size: number;
  readonly memory_locking: boolean;
  readonly secure_zeroing: boolean;
  readonly core_dump_prevention: boolean;
}

/** The server's part of `_metadata`; clients add four fields of their own. */
export interface Metadata {
  readonly response_status: 'success';
  readonly security_tier: SecurityTier;
  readonly memory_protection: MemoryProtection;
  readonly cuda_device: CudaDevice;
  readonly tpm_attestation: TpmAttestation;
}

/** The state that the probe at start found, not what was wished for. Buffers are wiped either way. */
export function printMemoryProtection(state: MemoryState): MemoryProtection {
  const { locking, pageBytes, preventsCoreDumps } = state;
  const isLocking = locking.kind === 'effective';
  return {
    enabled: isLocking || locking.reason !== 'switched-off',
    platform: platform(),
    protection_level: isLocking ? 'full' : 'zeroing_only',
    has_memory_locking: isLocking,
    has_secure_zeroing: true,
    supports_full_protection: isLocking,
    page_size: pageBytes,
    memory_locking: isLocking,
    secure_zeroing: true,
    core_dump_prevention: preventsCoreDumps,
  };
}

/**
 * Adds `_metadata` as the last member of a JSON object, without parsing it: no further copy of the answer comes into
 * being, and where the upstream sent a `_metadata` of its own, every JSON parser takes the last.
 */
export function addMetadata(answer: Uint8Array, metadata: Metadata): Uint8Array {
  const end = answer.findLastIndex((byte) => byte > 0x20);
  const beforeEnd = answer.findLastIndex((byte, index) => index < end && byte > 0x20);
  if (answer[end] !== 0x7d || beforeEnd < 0)
    throw new Error('impossible: the answer is no JSON object');
  const comma = answer[beforeEnd] === 0x7b ? '' : ',';
  const member = Buffer.from(`${comma}"_metadata":${JSON.stringify(metadata)}}`);
  const whole = new Uint8Array(end + member.length);
  whole.set(answer.subarray(0, end));
  whole.set(member, end);
  return whole;
}
