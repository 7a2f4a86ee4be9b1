import { BlockList, isIP } from 'node:net';

export type CallerAddress = (
  peer: string | undefined,
  forwardedFor: string | string[] | undefined,
) => string;

/**
 * Tells who called. `X-Forwarded-For` counts only as far as it was written by proxies that the operator trusts: read from
 * the right, the first address that is not one of them is the caller.
 */
export function createCallerAddress(trustedProxies: readonly string[]): CallerAddress {
  const trusted = new BlockList();
  for (const range of trustedProxies) addRange(trusted, range);
  const isTrusted = (address: string): boolean => {
    const family = isIP(address);
    return family !== 0 && trusted.check(address, family === 6 ? 'ipv6' : 'ipv4');
  };
  return (peer, forwardedFor) => {
    let caller = plain(peer ?? '');
    if (forwardedFor === undefined || !isTrusted(caller)) return caller;
    const hops = String(forwardedFor)
      .split(',')
      .map((hop) => plain(hop.trim()));
    while (isTrusted(caller)) {
      const previous = hops.pop();
      if (previous === undefined || isIP(previous) === 0) break;
      caller = previous;
    }
    return caller;
  };
}

function addRange(list: BlockList, range: string): void {
  const [address = '', bits] = range.split('/');
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
  list.addSubnet(
    address,
    bits === undefined ? (family === 'ipv6' ? 128 : 32) : Number(bits),
    family,
  );
}

/** IPv4 addresses arrive as `::ffff:1.2.3.4` on dual-stack sockets. */
const plain = (address: string): string =>
  address.startsWith('::ffff:') && isIP(address.slice(7)) === 4 ? address.slice(7) : address;
