import { randomFillSync } from 'node:crypto';

const PREFIXES = {
  generation: 'gen',
  key: 'key',
  organization: 'org',
  user: 'usr',
  ledgerEntry: 'led',
  transfer: 'trf',
  audit: 'aud',
  trace: 'req',
} as const;

export type IdKind = keyof typeof PREFIXES;

const ALPHABET = '0123456789abcdefghijklmnopqrstuvwxyz';
const TIME_CHARACTERS = 9;
const RANDOM_CHARACTERS = 16;
const pool = new Uint8Array(4096);
let used = pool.length;

/**
 * An opaque id such as `gen_0mhx…`: nine characters of time (base 36 milliseconds, so ids sort by creation) and sixteen
 * random characters (82 bits).
 */
export function newId(kind: IdKind, nowMs: number = Date.now()): string {
  let text = nowMs.toString(36).padStart(TIME_CHARACTERS, '0');
  for (let count = 0; count < RANDOM_CHARACTERS; count += 1) text += randomCharacter();
  return `${PREFIXES[kind]}_${text}`;
}

/** Uniform over the alphabet: bytes of 252 and above (7 × 36) are thrown away. */
function randomCharacter(): string {
  for (;;) {
    if (used >= pool.length) {
      randomFillSync(pool);
      used = 0;
    }
    const byte = pool[used] ?? 0;
    used += 1;
    if (byte < 252) return ALPHABET.charAt(byte % 36);
  }
}
