import { expect, test } from 'vitest';
import { Secret } from './secret.ts';
import { createVault } from './vault.ts';

const vault = createVault(new Secret('master key of a test'));

test('what was sealed opens for the same purpose under the same master key', () => {
  const again = createVault(new Secret('master key of a test'));
  const sealed = vault.seal('totp:usr_1', 'JBSWY3DP');
  expect(again.open('totp:usr_1', sealed).reveal()).toBe('JBSWY3DP');
  expect(sealed.toString('latin1')).not.toContain('JBSWY3DP');
  expect(vault.seal('totp:usr_1', 'JBSWY3DP')).not.toEqual(sealed);
});

test('a digest is the same for the same purpose, text and master key, and for nothing else', () => {
  const again = createVault(new Secret('master key of a test'));
  const digest = vault.digest('cache', 'What is 12 + 30?');
  expect(digest).toHaveLength(32);
  expect(again.digest('cache', 'What is 12 + 30?')).toEqual(digest);
  const others = [
    vault.digest('cache', 'What is 12 + 31?'),
    vault.digest('other', 'What is 12 + 30?'),
    vault.digest('cac', 'he\nWhat is 12 + 30?'),
    createVault(new Secret('another')).digest('cache', 'What is 12 + 30?'),
  ];
  for (const other of others) expect(other).not.toEqual(digest);
});

test('it opens for no other purpose, under no other key, and not when a bit of it was changed', () => {
  const sealed = vault.seal('totp:usr_1', '');
  expect(() => vault.open('totp:usr_2', sealed)).toThrow();
  expect(() => createVault(new Secret('another')).open('totp:usr_1', sealed)).toThrow();
  for (let index = 0; index < sealed.length; index += 1) {
    const changed = Buffer.from(sealed);
    changed[index] = (changed[index] ?? 0) ^ 1;
    expect(() => vault.open('totp:usr_1', changed), `byte ${index}`).toThrow();
  }
});
