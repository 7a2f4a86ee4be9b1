import { createPrivateKey, createPublicKey, randomBytes } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { SecurityError } from '../errors.ts';
import { checkPassword } from '../secure/key-files.ts';
import type { KeyFilePaths, StoredKeyPair } from '../secure/key-files.ts';
import { decryptLegacyPkcs8, encryptPkcs8 } from './encrypted-pkcs8.ts';

/*
 * What `#key-files` means in Node, Deno and Bun. Private keys are written as PKCS#8 PEM, with a
 * password as its standard encrypted form; besides these, the own form of the published JavaScript
 * client is read.
 */

const PRIVATE_KEY_FILE = 'private_key.pem';
const PUBLIC_KEY_FILE = 'public_key.pem';
const PEM_BODY = /-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\s]+)-----END PRIVATE KEY-----/;

/** Reads a key pair from its files. */
export async function readKeyFiles(paths: KeyFilePaths): Promise<StoredKeyPair> {
  const pem = await readFile(paths.privateKeyPath, 'utf8');
  const privateKey = await parsePrivateKey(pem, paths.password);
  if (privateKey?.asymmetricKeyType !== 'rsa') {
    throw new SecurityError(
      `${paths.privateKeyPath} holds no RSA private key that this password opens.`,
    );
  }
  const publicKeyPem =
    paths.publicKeyPath === undefined
      ? createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }).toString()
      : await readFile(paths.publicKeyPath, 'utf8');
  const pkcs8 = privateKey.export({ type: 'pkcs8', format: 'der' });
  return { pkcs8: takeOver(pkcs8), publicKeyPem };
}

/**
 * Reads the key pair of a directory; undefined when it has none. The public key is computed: a
 * crash between the two renames of a rotation may have left the file of the pair before.
 */
export async function readKeyDirectory(
  directory: string,
  password?: string,
): Promise<StoredKeyPair | undefined> {
  try {
    return await readKeyFiles({ privateKeyPath: join(directory, PRIVATE_KEY_FILE), password });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Puts a key pair into a directory, in place of the one that is there. */
export async function writeKeyDirectory(
  directory: string,
  pair: StoredKeyPair,
  password?: string,
): Promise<void> {
  checkPassword(password);
  const privateKeyPem =
    password === undefined ? printPkcs8(pair.pkcs8) : await encryptPkcs8(pair.pkcs8, password);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await replaceFile(join(directory, PRIVATE_KEY_FILE), privateKeyPem, 0o600);
  await replaceFile(join(directory, PUBLIC_KEY_FILE), pair.publicKeyPem, 0o644);
}

function printPkcs8({ buffer, byteOffset, length }: Uint8Array<ArrayBuffer>): string {
  const view = Buffer.from(buffer, byteOffset, length);
  const key = createPrivateKey({ key: view, format: 'der', type: 'pkcs8' });
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}

async function parsePrivateKey(
  pem: string,
  password: string | undefined,
): Promise<KeyObject | undefined> {
  const parsed = attemptParse({
    key: pem,
    ...(password !== undefined && { passphrase: password }),
  });
  if (parsed || password === undefined) return parsed;

  const body = PEM_BODY.exec(pem)?.[1];
  const der = body && (await decryptLegacyPkcs8(Buffer.from(body, 'base64'), password));
  if (!der) return undefined;
  const key = attemptParse({ key: der, format: 'der', type: 'pkcs8' });
  der.fill(0);
  return key;
}

function attemptParse(source: Parameters<typeof createPrivateKey>[0]): KeyObject | undefined {
  try {
    return createPrivateKey(source);
  } catch {
    return undefined;
  }
}

/** Copies out of Node's buffer and wipes it. */
function takeOver(buffer: Buffer): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(buffer);
  buffer.fill(0);
  return bytes;
}

/** The file has its mode from its first byte on, and is never seen half written. */
async function replaceFile(path: string, text: string, mode: number): Promise<void> {
  const temporaryPath = `${path}.${randomBytes(8).toString('hex')}`;
  try {
    const file = await open(temporaryPath, 'wx', mode);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporaryPath, path);
  } catch (error) {
    await rm(temporaryPath, { force: true });
    throw error;
  }
}
