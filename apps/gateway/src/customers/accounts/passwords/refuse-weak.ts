import { Refusal } from '../../../platform/refusal.ts';
import { COMMON_PASSWORDS } from './common-passwords.ts';

const LEAST_DIFFERENT_CHARACTERS = 5;

/** Throws for what is guessed first: common passwords, one character over and over, the address itself. */
export function refuseWeakPassword(
  password: string,
  { param, email }: { readonly param: string; readonly email?: string | null },
): void {
  const plain = password.normalize('NFKC').toLowerCase();
  const isGuessable =
    new Set(plain).size < LEAST_DIFFERENT_CHARACTERS ||
    COMMON_PASSWORDS.has(plain) ||
    COMMON_PASSWORDS.has(withoutTail(plain)) ||
    (email != null && (plain === email || withoutTail(plain) === email.split('@')[0]));
  if (!isGuessable) return;
  throw new Refusal('invalid_request_error', {
    message: `${param}: This password is among the first that are guessed. Choose another, such as four random words.`,
    param,
  });
}

/** Digits and marks that are put behind a common word. */
const withoutTail = (password: string): string => password.replace(/[^\p{L}]+$/u, '');
