import { hash, verify } from '@node-rs/argon2';
import { randomBytes } from 'node:crypto';
import { createTurnstile } from './turnstile.ts';

export interface Passwords {
  /** In PHC format, which names the parameters. */
  hash(password: string): Promise<string>;
  /** `undefined`: there is no such account, which takes as long to find out. */
  verify(stored: string | null | undefined, password: string): Promise<boolean>;
  /** It was made with other parameters than those of today. */
  isOutdated(stored: string): boolean;
}

/** Of argon2id. OWASP’s recommendation: 19 MiB, two passes, one lane. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
const PREFIX = `$argon2id$v=19$m=${COST.memoryCost},t=${COST.timeCost},p=${COST.parallelism}$`;

/** Each takes 19 MiB and a core: two at once, and no more waiting than can be served within some seconds. */
const AT_ONCE = { concurrency: 2, maxWaiting: 64 };

/** The library's own functions, unless somebody wants to watch them. */
const ARGON2 = { hash, verify };

export function createPasswords(argon2 = ARGON2): Passwords {
  const inTurn = createTurnstile(AT_ONCE);
  const ofNobody = argon2.hash(randomBytes(32).toString('base64url'), COST);
  return {
    hash: (password) => inTurn(() => argon2.hash(plain(password), COST)),
    verify: (stored, password) =>
      inTurn(async () => {
        const isRight = await argon2.verify(stored ?? (await ofNobody), plain(password));
        return isRight && stored != null;
      }),
    isOutdated: (stored) => !stored.startsWith(PREFIX),
  };
}

/** The same characters typed on another keyboard are the same password. */
const plain = (password: string): string => password.normalize('NFKC');
