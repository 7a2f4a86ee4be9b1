import { hash, verify } from '@node-rs/argon2';
import { describe, expect, test } from 'vitest';
import { createPasswords } from './passwords.ts';
import { refuseWeakPassword } from './refuse-weak.ts';
import { createTurnstile } from './turnstile.ts';

describe('a password', () => {
  const passwords = createPasswords();

  test('is kept as argon2id with its parameters, and differently each time', async () => {
    const [one, two] = await Promise.all([passwords.hash('the same'), passwords.hash('the same')]);
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(one).not.toBe(two);
    expect(await passwords.verify(one, 'the same')).toBe(true);
    expect(await passwords.verify(one, 'another')).toBe(false);
    expect(passwords.isOutdated(one)).toBe(false);
  });

  test('of nobody is wrong, after the same work as for anybody', async () => {
    const seen: string[] = [];
    const watched = createPasswords({
      hash,
      verify: (stored, password) => {
        seen.push(String(stored).slice(0, 30));
        return verify(stored, password);
      },
    });
    const stored = await watched.hash('right');
    expect(await watched.verify(stored, 'wrong')).toBe(false);
    expect(await watched.verify(undefined, 'wrong')).toBe(false);
    expect(await watched.verify(null, 'wrong')).toBe(false);
    expect(seen).toEqual(Array.from({ length: 3 }, () => stored.slice(0, 30)));
  });

  test('is the same on keyboards that write its letters differently', async () => {
    expect(
      await passwords.verify(await passwords.hash('caf\u00e9 au lait'), 'cafe\u0301 au lait'),
    ).toBe(true);
  });

  test('hashed with the parameters of an earlier version is outdated and still right', async () => {
    const old = await hash('the same', { memoryCost: 8192, timeCost: 1, parallelism: 1 });
    expect(passwords.isOutdated(old)).toBe(true);
    expect(await passwords.verify(old, 'the same')).toBe(true);
  });
});

describe('among the first that are guessed', () => {
  const refuse = (password: string) => () =>
    refuseWeakPassword(password, { param: 'password', email: 'ada.lovelace@example.com' });

  test.each([
    'aaaaaaaaaaaa',
    'abababababab',
    'PasswordPassword',
    'password12345',
    'Qwertyuiop1234!',
    'correcthorsebatterystaple',
    'ada.lovelace@example.com',
    'Ada.Lovelace2026',
    '123456789012',
  ])('%s', (password) => {
    expect(refuse(password)).toThrow('first that are guessed');
  });

  test.each([
    'four random words here',
    'x9$Lk2!vQz7#',
    '红烧牛肉面和一杯茶好吃极了',
    'passwordless entry',
  ])('not %s', (password) => {
    expect(refuse(password)).not.toThrow();
  });
});

describe('a turnstile', () => {
  test('lets so many in, in the order they came, and refuses who would wait too long', async () => {
    const enter = createTurnstile({ concurrency: 2, maxWaiting: 1 });
    const finish: (() => void)[] = [];
    const inside: string[] = [];
    const work = (name: string) => () => {
      inside.push(name);
      return new Promise<void>((resolve) => finish.push(resolve));
    };
    const [a, b, c] = ['a', 'b', 'c'].map((name) => enter(work(name)));
    await expect(enter(work('d'))).rejects.toMatchObject({ code: 'service_unavailable' });
    expect(inside).toEqual(['a', 'b']);
    finish[0]?.();
    await a;
    await Promise.resolve();
    expect(inside).toEqual(['a', 'b', 'c']);
    finish[1]?.();
    finish[2]?.();
    await Promise.all([b, c]);
    const last = enter(async () => 'free again');
    expect(await last).toBe('free again');
  });

  test('passes a place on when work fails', async () => {
    const enter = createTurnstile({ concurrency: 1, maxWaiting: 1 });
    const failed = enter(() => Promise.reject(new Error('no')));
    const next = enter(async () => 'next');
    await expect(failed).rejects.toThrow('no');
    expect(await next).toBe('next');
  });
});
