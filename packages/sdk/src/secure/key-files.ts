import type { Bytes } from '@sealgate/protocol';

/** A key pair on its way from or to a file. Whoever has used it wipes `pkcs8`. */
export interface StoredKeyPair {
  /** The private key: unencrypted PKCS#8, DER. */
  readonly pkcs8: Bytes;
  /** PEM, SubjectPublicKeyInfo. */
  readonly publicKeyPem: string;
}

/** Files of one key pair. */
export interface KeyFilePaths {
  readonly privateKeyPath: string;
  /** Must belong to the private key. Left out: computed from it. */
  readonly publicKeyPath?: string | undefined;
  readonly password?: string | undefined;
}

/** Shorter passwords do not protect a file. */
const MIN_PASSWORD_CHARACTERS = 8;

export function checkPassword(password: string | undefined): void {
  if (password !== undefined && password.length < MIN_PASSWORD_CHARACTERS) {
    throw new TypeError(`A key password has at least ${MIN_PASSWORD_CHARACTERS} characters.`);
  }
}
