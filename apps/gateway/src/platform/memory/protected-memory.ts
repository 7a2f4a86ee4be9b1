import type * as sodiumNative from 'sodium-native';
import { lockedBytes, pageBytes, preventsCoreDumps } from './platform-facts.ts';
import { createSlab, type Slab } from './slab.ts';

/** Bytes that must not outlive their use. */
export interface HeldBytes {
  readonly bytes: Uint8Array;
  /** Is the memory kept out of swap and core dumps? */
  readonly isLocked: boolean;
  /** Wipes. Safe to call twice. */
  release(): void;
}

export interface MemoryState {
  readonly locking: { readonly kind: 'effective'; readonly slabBytes: number } | NoLocking;
  readonly pageBytes: number;
  /** Size of OpenSSL's secure heap, where private keys live; 0 when Node was started without `--secure-heap`. */
  readonly secureHeapBytes: number;
  readonly preventsCoreDumps: boolean;
}

export interface NoLocking {
  readonly kind: 'none';
  /** What an operator can mend. */
  readonly reason: 'switched-off' | 'sodium-native-missing' | 'lock-refused';
}

export interface ProtectedMemory {
  readonly state: MemoryState;
  /** Moves `source` into locked memory, wiping `source`; where that is impossible, holds `source` itself. */
  hold(source: Uint8Array): HeldBytes;
  wipe(bytes: Uint8Array): void;
}

type Sodium = typeof sodiumNative;

/** The region must hold the largest sealed request (10 MiB) and should leave room under the usual 8 MiB limit. */
const SLAB_BYTES = [12, 6, 3, 1].map((mebibytes) => mebibytes * 1024 * 1024);

/** Probes once, at start: allocating never fails for want of locking, so only an explicit lock and `VmLck` tell. */
export async function openProtectedMemory(options: {
  readonly isEnabled: boolean;
  readonly secureHeapBytes: number;
}): Promise<ProtectedMemory> {
  const sodium = options.isEnabled ? await loadSodium() : undefined;
  const slab = sodium && (await lockSlab(sodium));
  const state: MemoryState = {
    locking: slab
      ? { kind: 'effective', slabBytes: slab.byteCount }
      : { kind: 'none', reason: reasonWithout(options.isEnabled, sodium) },
    pageBytes: await pageBytes(),
    secureHeapBytes: options.secureHeapBytes,
    preventsCoreDumps: await preventsCoreDumps(),
  };
  const wipe = (bytes: Uint8Array): void => {
    if (sodium) sodium.sodium_memzero(bytes);
    else bytes.fill(0);
  };
  return { state, wipe, hold: (source) => hold(source, slab, wipe) };
}

async function loadSodium(): Promise<Sodium | undefined> {
  // An optional dependency without a build for musl: absence is a state to report, not a fault.
  return import('sodium-native').then(
    (module) => module,
    () => undefined,
  );
}

function reasonWithout(isEnabled: boolean, sodium: Sodium | undefined): NoLocking['reason'] {
  if (!isEnabled) return 'switched-off';
  return sodium ? 'lock-refused' : 'sodium-native-missing';
}

async function lockSlab(sodium: Sodium): Promise<Slab | undefined> {
  for (const byteCount of SLAB_BYTES) {
    const region = sodium.sodium_malloc(byteCount);
    if (!isLockable(sodium, region)) continue;
    const locked = await lockedBytes();
    if (locked === undefined || locked >= byteCount) return createSlab(region);
  }
  return undefined;
}

function isLockable(sodium: Sodium, region: Buffer): boolean {
  try {
    sodium.sodium_mlock(region);
    return true;
  } catch {
    return false;
  }
}

function hold(
  source: Uint8Array,
  slab: Slab | undefined,
  wipe: (bytes: Uint8Array) => void,
): HeldBytes {
  const slice = slab?.take(source.length);
  if (slice) {
    slice.set(source);
    wipe(source);
  }
  let isReleased = false;
  return {
    bytes: slice ?? source,
    isLocked: slice !== undefined,
    release() {
      if (isReleased) return;
      isReleased = true;
      wipe(slice ?? source);
      if (slice) slab?.giveBack(slice);
    },
  };
}
