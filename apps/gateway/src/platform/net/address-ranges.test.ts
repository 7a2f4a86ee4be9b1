import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createAddressRanges } from './index.ts';

describe('address ranges', () => {
  const ranges = createAddressRanges(['203.0.113.0/24', '198.51.100.7', '2001:db8::/32']);

  test.each(['203.0.113.0', '203.0.113.255', '198.51.100.7', '2001:db8::1', '::ffff:203.0.113.9'])(
    'have %s',
    (address) => {
      expect(ranges.has(address)).toBe(true);
    },
  );

  test.each(['203.0.114.0', '198.51.100.8', '2001:db9::1', '', 'localhost', '203.0.113'])(
    'do not have "%s"',
    (address) => {
      expect(ranges.has(address)).toBe(false);
    },
  );

  test('a range has exactly the addresses that share its leading bits', () => {
    const number = (address: string): number =>
      address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
    fc.assert(
      fc.property(
        fc.ipV4(),
        fc.ipV4(),
        fc.integer({ min: 1, max: 32 }),
        (network, address, bits) => {
          const size = 2 ** (32 - bits);
          const isInside =
            Math.floor(number(network) / size) === Math.floor(number(address) / size);
          expect(createAddressRanges([`${network}/${bits}`]).has(address)).toBe(isInside);
        },
      ),
    );
  });

  test.each(['10.0.0.0/33', '10.0.0.0/', '10.0.0', '::/129', 'x', ''])(
    'cannot be made of "%s"',
    (range) => {
      expect(() => createAddressRanges([range])).toThrow();
    },
  );
});
