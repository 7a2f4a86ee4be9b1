import { BlockList, isIP } from 'node:net';

/** Addresses and ranges, made ready once so that asking is cheap. */
export interface AddressRanges {
  /** `false` for text that is no address. */
  has(address: string): boolean;
}

const BITS = { ipv4: 32, ipv6: 128 } as const;

/** Of `203.0.113.7`, `10.0.0.0/8`, `2001:db8::/32`. Throws for anything else. */
export function createAddressRanges(ranges: readonly string[]): AddressRanges {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = '', bits] = range.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    list.addSubnet(address, bits === undefined ? BITS[family] : Number.parseInt(bits, 10), family);
  }
  return {
    has: (address) => {
      const family = isIP(address);
      return family !== 0 && list.check(address, family === 6 ? 'ipv6' : 'ipv4');
    },
  };
}
