import { readFile } from 'node:fs/promises';
import { endianness } from 'node:os';

const AT_PAGESZ = 6n;
const USUAL_PAGE_BYTES = 4096;
const APPLE_SILICON_PAGE_BYTES = 16_384;

/** Bytes of this process that the kernel keeps out of swap now; `undefined` where there is no `/proc`. */
export async function lockedBytes(): Promise<number | undefined> {
  const status = await readFile('/proc/self/status', 'utf8').catch(() => '');
  const kibibytes = /^VmLck:\s+(\d+) kB$/m.exec(status)?.[1];
  return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
}

/** From the kernel's auxiliary vector; Node has no call for it. */
export async function pageBytes(): Promise<number> {
  if (process.platform === 'darwin' && process.arch === 'arm64') return APPLE_SILICON_PAGE_BYTES;
  const vector = await readFile('/proc/self/auxv').catch(() => Buffer.alloc(0));
  const read = (offset: number) =>
    endianness() === 'LE' ? vector.readBigUInt64LE(offset) : vector.readBigUInt64BE(offset);
  for (let offset = 0; offset + 16 <= vector.length; offset += 16) {
    if (read(offset) === AT_PAGESZ) return Number(read(offset + 8));
  }
  return USUAL_PAGE_BYTES;
}

/** Is a crash kept from writing this process' memory to disk? Where there is no `/proc`, it is not known to be. */
export async function preventsCoreDumps(): Promise<boolean> {
  const limits = await readFile('/proc/self/limits', 'utf8').catch(() => '');
  return /^Max core file size\s+0\s/m.test(limits);
}
