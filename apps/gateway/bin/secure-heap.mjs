import { readFileSync } from 'node:fs';

/**
 * How much OpenSSL's secure heap takes. An RSA-4096 key with its four handles needs 10 KiB there, and two are held at
 * a time: the larger size leaves room, the smaller one fits under the limit that old systems give to normal users.
 */
const SIZES = [256 * 1024, 64 * 1024];
/** What else wants to be locked: the plaintext of sealed requests. */
const SHARE = 1 / 4;
const SMALLEST_BLOCK = 16;

/** Node's flags that keep private keys out of swap, as far as this system lets us lock memory. */
export function secureHeapFlags() {
  if (process.platform === 'win32') return [];
  const limit = lockableBytes();
  const size =
    SIZES.find((bytes) => bytes <= limit * SHARE) ?? SIZES.find((bytes) => bytes <= limit);
  // Without enough room the heap would not be locked, and OpenSSL would only print a warning.
  if (size === undefined) return [];
  return [`--secure-heap=${size}`, `--secure-heap-min=${SMALLEST_BLOCK}`];
}

/** RLIMIT_MEMLOCK; systems without `/proc` do not tell. */
function lockableBytes() {
  try {
    const limits = readFileSync('/proc/self/limits', 'utf8');
    const soft = /^Max locked memory\s+(\S+)/m.exec(limits)?.[1];
    return soft === 'unlimited' ? Infinity : Number(soft);
  } catch {
    return Infinity;
  }
}
