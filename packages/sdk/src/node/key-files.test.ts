import { createCipheriv, createPrivateKey, generateKeyPairSync, pbkdf2Sync } from 'node:crypto';
import { mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { SecurityError } from '../errors.ts';
import { importClientKeys } from '../secure/client-keys.ts';
import { readKeyDirectory, readKeyFiles, writeKeyDirectory } from './key-files.ts';

const PASSWORD = 'correct horse';
/** Written by Python's `cryptography` as the published Python client does it. */
const PYTHON_FILE = `
-----BEGIN ENCRYPTED PRIVATE KEY-----
MIIFNTBfBgkqhkiG9w0BBQ0wUjAxBgkqhkiG9w0BBQwwJAQQnZo4gFY14XRKKmoj
caq0HwICCAAwDAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEELOlguiitxpI95LA
e3hBIO8EggTQULH9ixnA2MFoCurRtwKgagmyhc0puV9RuDnfLT1w7wEnGYrKKYx+
IFeikAUKsYQ3tGeogmXFy62jFN4QTdjb/KR/DeR5UZkX8tif1iJo3HqSfbvSxUl2
JQkuR0rHU/JidZjkNAw2Ed9siF+CuaZQWdWgKFYPPUEXqP2o32/wzKmbak/8JfUz
GKgADeh0Nb7kjavnGL+GwRW4wst3wDmpded32foSIR7RphmqnrM8m75Oyx1w9VuT
gTr60PowpSfY9jMwNg08Q2b3HsV/QhSI4VQ+INq8u2SkH+jhpZSn7voZLl40NpLE
FH6GvjTUBFbwTe5wcbui3AqT5vCGKwPqxTBhDaygv1L8uUxgC/Sn6cRGBzaQM4bQ
MZ5Uajiz2E8f8WnI07QDCMslHrASzMywVBg5gLEIqJLPKEoE/f8mNrfJlC+uSr8r
4PrnMYv7UIRd25ZHE/IShSXtHjvdERvO427NMUehaBmg7m/hePknC61g1x/0n6Ws
DrdmCk7+IwkjJaMPeiLdm2Wb+N/AQO4qe49h3PeEhlZ+LYzi29jX6BdbMEDbFyet
LilTlURZx0X7Mhx0xVQmKPaQDDlCYi6LtfIcW3dVfdhZiu/txBO+l0/kMkKVxwgl
Cb1N1/48TCU80MG9gL+rYYY7g8orHBp9JLrqKPRYKeepdJUcjce0S3YVWUiLqdwQ
BbuGgExsDsUxLIBPyUdY1lkyhzU9qsp95BE3ZEFq0zBY0sqGOy4DvkYp9v6xQ2N1
FkHzwQa5IotwwTU1fJCEIpoIZIOnn0NXdiCKkeUJdYJvphAGv25vYp+YkaXiJObs
t6Zf3UpqOV/bfIWWuXNBn3/bSpLYFa+4vwsS3Fc+D34GPpNAV196U6JFFSePw7+E
/OfnuERW2gZXjDH7V3fjd8FoQZggWZw0Xpl23wc3Kph47seqe2jXceX9+kkRVbde
N2SiTq7upZlZxWb8sJN+7Q5cgyiK9JzBSQhxiwD7rzTltqglwcNmQw8uBWKupK2X
1FiaOqUx0Det2QSm/ALs8X9nlowSsK47YgFfZfPEF/VIVXL3U9L0WgP5Ipc1dXgd
hH9SbxJ7xVsE9r96rySiOh+Ox6HU6RcKJoNwMoRiROkzLuD1U0Ndh1cV1Y71uZRS
MhTQXBswtsGocev76bow/OIxdOVc9LbANnqOtJNmAkFmjuiXnj4NX70HfiZNgoy2
d9uIh2OIG7cjEjC1Wxpkoa/TqrwLNcY53a4Lx4nZSonB600eZfZTeghoi/ZJQ/W7
pM4pnUNSKPTppVjqi4kQmX9dqWhYgFABw8cFX+CmwnKFxcapiS8B1eIcFLsZFmvo
98x/bj6SAEIr3KFi6GiJcIKI8nS9OmGJ9rCS4fxPlgMdPlnrPRVHhmvDsU7+OLMB
3zma+HgHfr6zg13QhJDEDE93iEkwBtFIwpx+hbOd7pkVSRKQB/lICV/zp184lLMo
UBzjCGGDn+1qUuFVUgB523YPGV5ZgWJWtsc6eYScvso0ZaILsitg9guXr1dL47Lj
MYI8CBPOj1N83wOmzHxAMhPy/Gprb0kb+HoUtfF24JsroVRNze2BWRGZEYPorsGZ
8T0gAO8uKWo3msOTPIvW2h2ohaY3JSkSq2+fM7meJbFrJX0nhm/+g5o=
-----END ENCRYPTED PRIVATE KEY-----
`;
const PYTHON_PUBLIC_KEY = `
-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA0vED7AHGsDcF4WykgdY7
WjXktN6K4F0+RKtGoD9W0mV4SXNYmP5vhP9+zaOAgyWf2UV57S+G5SIQxWKxCR2Y
kJrZFW8b2VBW3PPFgPf2SoxMJvEeWftlyRZatN34az4DKNUYVCiVh3bzmphz+T1a
EOIQzPsKmhCxZyR2ey1NJQCtpBiQ+iaocsF2JcrC53aNsN/slGiDh1Oz5UKgRhrb
eESaLwMg415LaA5oVmb4vKQOR1b5E6jKxTGzFkNjEtRu5b0mMxFO+h8unL0StXnY
LqTdcJUP4q/Mbpuqv65nUXCtJQndd+VrjS3ouqS0gjB5A3zQgm2Oa6jb2HTdoshP
VwIDAQAB
-----END PUBLIC KEY-----
`;

let pkcs8: Buffer;
let publicKeyPem: string;
let otherPublicKeyPem: string;
let directory: string;
let privateKeyPath: string;

beforeAll(() => {
  const pairs = [1, 2].map(() =>
    generateKeyPairSync('rsa', {
      modulusLength: 2048,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'der' },
    }),
  );
  pkcs8 = pairs[0]?.privateKey ?? Buffer.alloc(0);
  publicKeyPem = pairs[0]?.publicKey ?? '';
  otherPublicKeyPem = pairs[1]?.publicKey ?? '';
});
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sealgate-keys-'));
  privateKeyPath = join(directory, 'private_key.pem');
});
afterEach(() => rm(directory, { recursive: true }));

const pair = () => ({ pkcs8: new Uint8Array(pkcs8), publicKeyPem });
const pem = (label: string, der: Uint8Array): string =>
  `-----BEGIN ${label}-----\n${Buffer.from(der).toString('base64')}\n-----END ${label}-----\n`;

describe('written key files', () => {
  test.each([undefined, PASSWORD])('are read again (password: %s)', async (password) => {
    await writeKeyDirectory(directory, pair(), password);
    const read = await readKeyDirectory(directory, password);
    expect(Buffer.from(read?.pkcs8 ?? []).equals(pkcs8)).toBe(true);
    expect(read?.publicKeyPem).toBe(publicKeyPem);
  });

  test('are the owner’s alone from the first byte, whatever the umask', async () => {
    const before = process.umask(0);
    const fresh = join(directory, 'deep', 'keys');
    try {
      await writeKeyDirectory(fresh, pair());
    } finally {
      process.umask(before);
    }
    const modeOf = async (path: string): Promise<number> => (await stat(path)).mode & 0o777;
    expect(await modeOf(fresh)).toBe(0o700);
    expect(await modeOf(join(fresh, 'private_key.pem'))).toBe(0o600);
    expect(await modeOf(join(fresh, 'public_key.pem'))).toBe(0o644);
  });

  test('replace the ones before and leave nothing else behind', async () => {
    await writeFile(privateKeyPath, 'old', { mode: 0o644 });
    await writeKeyDirectory(directory, pair());
    expect((await stat(privateKeyPath)).mode & 0o777).toBe(0o600);
    expect((await readdir(directory)).toSorted()).toEqual(['private_key.pem', 'public_key.pem']);
  });

  test('with a password are standard PBES2 with 600,000 rounds, and hold no key in the clear', async () => {
    await writeKeyDirectory(directory, pair(), PASSWORD);
    const text = await readFile(privateKeyPath, 'utf8');
    expect(text).toMatch(/^-----BEGIN ENCRYPTED PRIVATE KEY-----\n/);
    const der = Buffer.from(text.replaceAll(/-----.*-----|\n/g, ''), 'base64').toString('hex');
    // PBES2, PBKDF2, 600,000, HMAC-SHA256, AES-256-CBC
    for (const part of [
      '2a864886f70d01050d',
      '2a864886f70d01050c',
      '02030927c0',
      '2a864886f70d0209',
      '60864801650304012a',
    ]) {
      expect(der).toContain(part);
    }
    expect(der).not.toContain(pkcs8.subarray(100, 132).toString('hex'));
    const opened = createPrivateKey({ key: text, passphrase: PASSWORD });
    expect(opened.export({ type: 'pkcs8', format: 'der' }).equals(pkcs8)).toBe(true);
  });

  test('have no short password', async () => {
    await expect(writeKeyDirectory(directory, pair(), '1234567')).rejects.toThrow(TypeError);
    expect(await readdir(directory)).toEqual([]);
  });
});

describe('key files of others', () => {
  test('of Python, with its password', async () => {
    await writeFile(privateKeyPath, PYTHON_FILE.trim());
    const read = await readKeyFiles({ privateKeyPath, password: PASSWORD });
    expect(read.publicKeyPem.trim()).toBe(PYTHON_PUBLIC_KEY.trim());
  });

  test('of JavaScript: salt, IV and AES-256-CBC under the plain label', async () => {
    const [salt, iv] = [Buffer.alloc(16, 1), Buffer.alloc(16, 2)];
    const key = pbkdf2Sync(PASSWORD, salt, 100_000, 32, 'sha256');
    const cipher = createCipheriv('aes-256-cbc', key, iv);
    const der = Buffer.concat([salt, iv, cipher.update(pkcs8), cipher.final()]);
    await writeFile(privateKeyPath, pem('PRIVATE KEY', der));
    const read = await readKeyFiles({ privateKeyPath, password: PASSWORD });
    expect(Buffer.from(read.pkcs8).equals(pkcs8)).toBe(true);
    await expect(readKeyFiles({ privateKeyPath })).rejects.toThrow(SecurityError);
    const wrong = readKeyFiles({ privateKeyPath, password: 'wrong horse' });
    await expect(wrong).rejects.toThrow(SecurityError);
  });
});

describe('key files that are refused', () => {
  test('a wrong password, garbage, and a key that is not RSA', async () => {
    await writeKeyDirectory(directory, pair(), PASSWORD);
    await expect(readKeyDirectory(directory, 'wrong horse')).rejects.toThrow(SecurityError);
    await expect(readKeyDirectory(directory)).rejects.toThrow(SecurityError);

    const elliptic = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    for (const text of [
      '',
      'x',
      pem('PRIVATE KEY', elliptic.export({ type: 'pkcs8', format: 'der' })),
    ]) {
      await writeFile(privateKeyPath, text);
      await expect(readKeyDirectory(directory, PASSWORD)).rejects.toThrow(SecurityError);
    }
  });

  test('a public key that belongs to another private key', async () => {
    const mixed = { pkcs8: new Uint8Array(pkcs8), publicKeyPem: otherPublicKeyPem };
    await expect(importClientKeys(mixed)).rejects.toThrow(/does not belong/);
  });

  test('a key of 1024 bits', async () => {
    const short = generateKeyPairSync('rsa', {
      modulusLength: 1024,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    });
    await writeFile(privateKeyPath, short.privateKey);
    const read = await readKeyFiles({ privateKeyPath });
    await expect(importClientKeys(read)).rejects.toThrow(/2048/);
  });

  test('no key at all is no failure of a directory, but of a named file', async () => {
    expect(await readKeyDirectory(directory)).toBeUndefined();
    await expect(readKeyFiles({ privateKeyPath })).rejects.toThrow(/ENOENT/);
  });

  test('a key taken into use leaves no copy behind', async () => {
    const stored = pair();
    await importClientKeys(stored);
    expect(stored.pkcs8.every((byte) => byte === 0)).toBe(true);
  });
});
