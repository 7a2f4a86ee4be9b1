import { createHash, randomBytes } from 'node:crypto';
import { Secret } from '../../platform/secret.ts';

const TOKEN_BYTES = 32;
const FORMAT = /^[\w-]{43}$/;

export interface MintedToken {
  readonly token: Secret;
  readonly hash: Buffer;
}

/** For sessions, refreshing and links in mails: 32 random bytes, of which only the hash is stored. */
export function mintToken(): MintedToken {
  const token = randomBytes(TOKEN_BYTES).toString('base64url');
  return { token: new Secret(token), hash: hashToken(token) };
}

/** Could this be a token of ours? Anything else never reaches the database. */
export const isTokenShaped = (text: string): boolean => FORMAT.test(text);

export const hashToken = (token: string): Buffer => createHash('sha256').update(token).digest();
