import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { hashSecret, isSecretShaped, mintSecret } from './secret.ts';

test('a minted secret has the published shape and its own hash, and does not print itself', () => {
  const { secret, prefix, hash } = mintSecret();
  const text = secret.reveal();
  expect(text).toMatch(/^sk-xc-[0-9A-Za-z]{43}$/);
  expect(isSecretShaped(text)).toBe(true);
  expect(text.startsWith(prefix)).toBe(true);
  expect(prefix).toHaveLength(12);
  expect(hash.toString('hex')).toBe(hashSecret(text));
  expect(inspect({ secret, prefix })).not.toContain(text);
  expect(mintSecret().secret.reveal()).not.toBe(text);
});

test('text of any other shape is not taken for a secret', () => {
  const text = mintSecret().secret.reveal();
  for (const other of [
    '',
    'sk-xc-',
    text.slice(0, -1),
    `${text}a`,
    `${text}\n`,
    ` ${text}`,
    text.replace('xc', 'XC'),
  ]) {
    expect(isSecretShaped(other), JSON.stringify(other)).toBe(false);
  }
});
