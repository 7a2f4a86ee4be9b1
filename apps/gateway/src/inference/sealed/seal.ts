import { sealResponse } from '@sealgate/protocol';
import type { Clock } from '../../platform/clock.ts';
import type { ProtectedMemory } from '../../platform/memory/index.ts';
import { addMetadata, type Metadata } from './metadata.ts';
import type { ReplyAddress } from './unseal.ts';

export interface SealContext {
  readonly clock: Clock;
  readonly memory: ProtectedMemory;
}

/** Seals a JSON answer with its `_metadata` to the client, in the tag layout of the request; wipes `answer`. */
export async function seal(
  { clock, memory }: SealContext,
  { clientKey, tagLayout }: ReplyAddress,
  answer: Uint8Array,
  metadata: Metadata,
): Promise<Uint8Array> {
  const held = memory.hold(addMetadata(answer, metadata));
  memory.wipe(answer);
  try {
    const processedAt = Math.floor(clock() / 1000);
    return await sealResponse(held.bytes, clientKey, { tagLayout, processedAt });
  } finally {
    held.release();
  }
}
