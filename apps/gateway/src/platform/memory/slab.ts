/** Small enough that short chats do not waste locked memory, large enough that the search stays short. */
const BLOCK_BYTES = 4096;

export interface Slab {
  readonly byteCount: number;
  /** First fit; `undefined` when no gap is large enough. */
  take(byteCount: number): Uint8Array | undefined;
  /** The slice must come from `take` and be wiped already. */
  giveBack(slice: Uint8Array): void;
}

/**
 * Hands out slices of one locked region. One region, because freeing a region of its own waits for the garbage
 * collector and each would lock whole pages, while a process may lock only a few MiB.
 */
export function createSlab(region: Uint8Array): Slab {
  const blockCount = Math.floor(region.length / BLOCK_BYTES);
  const isTaken = new Uint8Array(blockCount);
  const blocksFor = (byteCount: number) => Math.max(1, Math.ceil(byteCount / BLOCK_BYTES));

  const findGap = (length: number): number | undefined => {
    let free = 0;
    for (let block = 0; block < blockCount; block += 1) {
      free = isTaken[block] === 0 ? free + 1 : 0;
      if (free === length) return block - length + 1;
    }
    return undefined;
  };

  return {
    byteCount: blockCount * BLOCK_BYTES,
    take(byteCount) {
      const length = blocksFor(byteCount);
      const first = findGap(length);
      if (first === undefined) return undefined;
      isTaken.fill(1, first, first + length);
      return region.subarray(first * BLOCK_BYTES, first * BLOCK_BYTES + byteCount);
    },
    giveBack(slice) {
      const first = (slice.byteOffset - region.byteOffset) / BLOCK_BYTES;
      isTaken.fill(0, first, first + blocksFor(slice.length));
    },
  };
}
