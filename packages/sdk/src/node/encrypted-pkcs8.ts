import { createCipheriv, createDecipheriv, pbkdf2, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';

const deriveKey = promisify(pbkdf2);

/** What OWASP asks of PBKDF2-HMAC-SHA256 in 2023. Node's own export stays at 2,048. */
const ITERATIONS = 600_000;
/** Of the published JavaScript client. */
const LEGACY_ITERATIONS = 100_000;

const CIPHER = 'aes-256-cbc';
const KEY_BYTES = 32;
const SALT_BYTES = 16;
const IV_BYTES = 16;

const SEQUENCE = 0x30;
const INTEGER = 0x02;
const OCTET_STRING = 0x04;
/** Object identifiers with tag and length. */
const PBES2 = Buffer.from('06092a864886f70d01050d', 'hex');
const PBKDF2 = Buffer.from('06092a864886f70d01050c', 'hex');
const HMAC_SHA256 = Buffer.from('06082a864886f70d0209', 'hex');
const AES_256_CBC = Buffer.from('060960864801650304012a', 'hex');
const NULL = Buffer.from('0500', 'hex');

/** Encrypts PKCS#8 under a password: PEM `ENCRYPTED PRIVATE KEY`, PBES2 (RFC 8018). */
export async function encryptPkcs8(pkcs8: Uint8Array, password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const iv = randomBytes(IV_BYTES);
  const key = await deriveKey(password, salt, ITERATIONS, KEY_BYTES, 'sha256');
  const cipher = createCipheriv(CIPHER, key, iv);
  const encrypted = Buffer.concat([cipher.update(pkcs8), cipher.final()]);
  key.fill(0);

  const iterations = Buffer.from(ITERATIONS.toString(16).padStart(6, '0'), 'hex');
  const derivation = der(
    SEQUENCE,
    PBKDF2,
    der(
      SEQUENCE,
      der(OCTET_STRING, salt),
      der(INTEGER, iterations),
      der(SEQUENCE, HMAC_SHA256, NULL),
    ),
  );
  const encryption = der(SEQUENCE, AES_256_CBC, der(OCTET_STRING, iv));
  const algorithm = der(SEQUENCE, PBES2, der(SEQUENCE, derivation, encryption));
  return pem('ENCRYPTED PRIVATE KEY', der(SEQUENCE, algorithm, der(OCTET_STRING, encrypted)));
}

/**
 * Opens the form of the published JavaScript client: salt ‖ IV ‖ AES-256-CBC, without a word of it
 * in the PEM label. Undefined for anything else; a wrong password shows by padding or by content.
 */
export async function decryptLegacyPkcs8(
  file: Uint8Array,
  password: string,
): Promise<Buffer | undefined> {
  const salt = file.subarray(0, SALT_BYTES);
  const iv = file.subarray(SALT_BYTES, SALT_BYTES + IV_BYTES);
  if (iv.length < IV_BYTES) return undefined;
  const key = await deriveKey(password, salt, LEGACY_ITERATIONS, KEY_BYTES, 'sha256');
  try {
    const decipher = createDecipheriv(CIPHER, key, iv);
    return Buffer.concat([decipher.update(file.subarray(SALT_BYTES + IV_BYTES)), decipher.final()]);
  } catch {
    return undefined;
  } finally {
    key.fill(0);
  }
}

/** Tag, length, contents (X.690). */
function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const contents = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([tag, ...lengthOf(contents)]), contents]);
}

function lengthOf({ length }: Uint8Array): number[] {
  if (length < 0x80) return [length];
  return length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
}

function pem(label: string, contents: Buffer): string {
  const lines = contents.toString('base64').match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}
