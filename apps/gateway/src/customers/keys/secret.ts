import { hash, randomBytes } from 'node:crypto';
import { Secret } from '../../platform/secret.ts';

const PREFIX = 'sk-xc-';
const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const SECRET_BYTES = 32;
/** Base 62 needs 43 characters for 256 bits. */
const SECRET_CHARACTERS = 43;
const SHOWN_CHARACTERS = 6;
const FORMAT = /^sk-xc-[0-9A-Za-z]{43}$/;

export interface MintedSecret {
  readonly secret: Secret;
  /** Its beginning, to recognise it by in a list. */
  readonly prefix: string;
  readonly hash: Buffer;
}

export function mintSecret(): MintedSecret {
  let number = BigInt(`0x${randomBytes(SECRET_BYTES).toString('hex')}`);
  let text = '';
  for (let count = 0; count < SECRET_CHARACTERS; count += 1) {
    text += ALPHABET.charAt(Number(number % 62n));
    number /= 62n;
  }
  const secret = PREFIX + text;
  return {
    secret: new Secret(secret),
    prefix: secret.slice(0, PREFIX.length + SHOWN_CHARACTERS),
    hash: Buffer.from(hashSecret(secret), 'hex'),
  };
}

/** Could this be a secret of ours? Anything else never reaches the database. */
export function isSecretShaped(text: string): boolean {
  return FORMAT.test(text);
}

/**
 * SHA-256, in hexadecimal. A slow hash protects secrets that can be guessed; this one has 256 random bits, and it is
 * computed for every request.
 */
export function hashSecret(secret: string): string {
  return hash('sha256', secret);
}
