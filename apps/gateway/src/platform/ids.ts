import { randomFillSync } from 'node:crypto';

const PREFIXES = {
  generation: 'gen',
  key: 'key',
  organization: 'org',
  user: 'usr',
  membership: 'mem',
  invitation: 'inv',
  session: 'ses',
  conversation: 'conv',
  message: 'msg',
  feedback: 'fb',
  mail: 'mail',
  ledgerEntry: 'led',
  transfer: 'trf',
  topUp: 'top',
  invoice: 'bill',
  priceList: 'pls',
  audit: 'aud',
  webhookMessage: 'whk',
  alert: 'alr',
  alertDelivery: 'whd',
  trace: 'req',
  providerKey: 'pvk',
  instance: 'gwi',
  lease: 'lse',
} as const;

export type IdKind = keyof typeof PREFIXES;

const ALPHABET = Buffer.from('0123456789abcdefghijklmnopqrstuvwxyz');
const TIME_CHARACTERS = 9;
const RANDOM_CHARACTERS = 16;
const pool = new Uint8Array(4096);
const characters = Buffer.alloc(RANDOM_CHARACTERS);
let used = pool.length;

/**
 * An opaque id such as `gen_0mhx…`: nine characters of time (base 36 milliseconds, so ids sort by creation) and sixteen
 * random characters (82 bits).
 */
export function newId(kind: IdKind, nowMs: number = Date.now()): string {
  for (let index = 0; index < RANDOM_CHARACTERS; index += 1) characters[index] = randomCharacter();
  const time = nowMs.toString(36).padStart(TIME_CHARACTERS, '0');
  return `${PREFIXES[kind]}_${time}${characters.toString('latin1')}`;
}

/** Uniform over the alphabet: bytes of 252 and above (7 × 36) are thrown away. */
function randomCharacter(): number {
  for (;;) {
    if (used >= pool.length) {
      randomFillSync(pool);
      used = 0;
    }
    const byte = pool[used] ?? 0;
    used += 1;
    if (byte < 252) return ALPHABET[byte % 36] ?? 0;
  }
}
