export {
  openProtectedMemory,
  type HeldBytes,
  type MemoryState,
  type NoLocking,
  type ProtectedMemory,
} from './protected-memory.ts';
