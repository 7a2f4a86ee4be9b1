import { isIP } from 'node:net';
import { createAddressRanges } from '../platform/net/index.ts';

export type CallerAddress = (
  peer: string | undefined,
  forwardedFor: string | string[] | undefined,
) => string;

/**
 * Tells who called. `X-Forwarded-For` counts only as far as it was written by proxies that the operator trusts: read from
 * the right, the first address that is not one of them is the caller.
 */
export function createCallerAddress(trustedProxies: readonly string[]): CallerAddress {
  const trusted = createAddressRanges(trustedProxies);
  return (peer, forwardedFor) => {
    let caller = plain(peer ?? '');
    if (forwardedFor === undefined || !trusted.has(caller)) return caller;
    const hops = String(forwardedFor)
      .split(',')
      .map((hop) => plain(hop.trim()));
    while (trusted.has(caller)) {
      const previous = hops.pop();
      if (previous === undefined || isIP(previous) === 0) break;
      caller = previous;
    }
    return caller;
  };
}

/** IPv4 addresses arrive as `::ffff:1.2.3.4` on dual-stack sockets. */
const plain = (address: string): string =>
  address.startsWith('::ffff:') && isIP(address.slice(7)) === 4 ? address.slice(7) : address;
