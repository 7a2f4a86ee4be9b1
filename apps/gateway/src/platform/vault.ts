import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { Secret } from './secret.ts';

/** Keeps what the database may hold but not show: a dump alone opens nothing. */
export interface Vault {
  /** `purpose` says what it is and whose, e.g. `totp:usr_…`: it opens for the same purpose only. */
  seal(purpose: string, plaintext: string): Buffer;
  /** Throws when it was sealed for another purpose or under another master key, or was changed. */
  open(purpose: string, sealed: Uint8Array): Secret;
  /** Tells equal texts by, and nothing about them without the master key. 32 bytes, others for each purpose. */
  digest(purpose: string, text: string): Buffer;
}

const SALT_BYTES = 16;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const LABEL = 'sealgate vault 1';
const DIGEST_LABEL = 'sealgate vault digest 1';

/** AES-256-GCM under a key of its own for each text, so that no nonce can ever come twice under one key. */
export function createVault(masterKey: Secret): Vault {
  const keyFor = (salt: Uint8Array): Uint8Array =>
    new Uint8Array(hkdfSync('sha256', masterKey.reveal(), salt, LABEL, 32));
  let digestKey: Uint8Array | undefined;
  return {
    seal: (purpose, plaintext) => {
      const salt = randomBytes(SALT_BYTES);
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', keyFor(salt), nonce);
      cipher.setAAD(Buffer.from(purpose));
      const body = Buffer.concat([cipher.update(plaintext, 'utf8'), cipher.final()]);
      return Buffer.concat([salt, nonce, body, cipher.getAuthTag()]);
    },
    open: (purpose, sealed) => {
      const nonceEnd = SALT_BYTES + NONCE_BYTES;
      const key = keyFor(sealed.subarray(0, SALT_BYTES));
      const cipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(SALT_BYTES, nonceEnd), {
        authTagLength: TAG_BYTES,
      });
      cipher.setAAD(Buffer.from(purpose));
      cipher.setAuthTag(sealed.subarray(-TAG_BYTES));
      const body = sealed.subarray(nonceEnd, -TAG_BYTES);
      return new Secret(Buffer.concat([cipher.update(body), cipher.final()]).toString('utf8'));
    },
    digest: (purpose, text) => {
      digestKey ??= new Uint8Array(hkdfSync('sha256', masterKey.reveal(), '', DIGEST_LABEL, 32));
      // The purpose has no line break, so that no text can pass for one of another purpose.
      return createHmac('sha256', digestKey).update(`${purpose}\n`).update(text).digest();
    },
  };
}
