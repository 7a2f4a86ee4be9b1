import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isPublicAddress } from './index.ts';

describe('isPublicAddress', () => {
  test.each([
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '100.100.100.200',
    '127.0.0.1',
    '127.255.255.254',
    '168.63.129.16',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.0.0.1',
    '192.168.1.1',
    '198.19.0.1',
    '224.0.0.1',
    '240.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::127.0.0.1',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '::ffff:8.8.8.8',
    '64:ff9b::7f00:1',
    'fe80::1',
    'fe80::1%eth0',
    'fc00::1',
    'fd00:ec2::254',
    'ff02::1',
    '2001::1',
    '2001:db8::1',
    '2001:0:7f00:1::',
    '2002:7f00:1::',
    '2002:a9fe:a9fe::',
    '3fff::1',
    '5f00::1',
    '64:ff9b:1::1',
    '100::1',
    'fec0::1',
  ])('%s is not public', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  test.each(['1.1.1.1', '8.8.8.8', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '2a00:1450::1'])(
    '%s is public',
    (address) => {
      expect(isPublicAddress(address)).toBe(true);
    },
  );

  test('text that is no address is never public, and nothing throws', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.domain(), fc.constant('127.1')), (text) => {
        expect(isPublicAddress(text)).toBe(false);
      }),
    );
  });

  test('a block of IPv4 is refused from its first address to its last, and its neighbours are not', () => {
    const special = [
      [0x00000000, 8],
      [0x0a000000, 8],
      [0x64400000, 10],
      [0x7f000000, 8],
      [0xa83f8110, 32],
      [0xa9fe0000, 16],
      [0xac100000, 12],
      [0xc0000000, 24],
      [0xc0000200, 24],
      [0xc0586300, 24],
      [0xc0a80000, 16],
      [0xc6120000, 15],
      [0xc6336400, 24],
      [0xcb007100, 24],
      [0xe0000000, 3],
    ] as const;
    const text = (number: number) =>
      [24, 16, 8, 0].map((shift) => (number >>> shift) & 255).join('.');
    for (const [network, bits] of special) {
      const size = 2 ** (32 - bits);
      const last = network + size - 1;
      for (const inside of [network, last]) expect(isPublicAddress(text(inside))).toBe(false);
      for (const outside of [network - 1, last + 1]) {
        const isInAnother = special.some(
          ([start, length]) => outside >= start && outside < start + 2 ** (32 - length),
        );
        if (outside < 0 || outside >= 2 ** 32 || isInAnother) continue;
        expect(isPublicAddress(text(outside)), text(outside)).toBe(true);
      }
    }
  });

  test('an IPv4 address written inside IPv6 is never public', () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        const hex = address
          .split('.')
          .map((part) => Number(part).toString(16).padStart(2, '0'))
          .join('')
          .replace(/^(....)/, '$1:');
        for (const dressed of [
          `::ffff:${address}`,
          `::${address}`,
          `64:ff9b::${address}`,
          `64:ff9b:1::${hex}`,
          `2001:0:${hex}::`,
          `2002:${hex}::`,
        ]) {
          expect(isPublicAddress(dressed), dressed).toBe(false);
        }
      }),
    );
  });
});
