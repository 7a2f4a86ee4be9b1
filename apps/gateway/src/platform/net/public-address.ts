import { lookup, promises, type LookupAddress, type LookupOptions } from 'node:dns';
import { BlockList, isIP } from 'node:net';

/** What must never be reached on a caller's or a webhook's behalf: IANA's special-purpose blocks and cloud metadata. */
const SPECIAL_IPV4: readonly (readonly [network: string, prefix: number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['168.63.129.16', 32],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
];

/** Inside 2000::/3 but not public: protocol assignments and Teredo, documentation, 6to4. */
const SPECIAL_IPV6: readonly (readonly [network: string, prefix: number])[] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
];

const special = new BlockList();
for (const [network, prefix] of SPECIAL_IPV4) special.addSubnet(network, prefix, 'ipv4');
for (const [network, prefix] of SPECIAL_IPV6) special.addSubnet(network, prefix, 'ipv6');

const globalUnicast = new BlockList();
globalUnicast.addSubnet('2000::', 3, 'ipv6');

/** `false` for everything that is not plainly an address on the public internet, also for text that is no address. */
export function isPublicAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !special.check(address, 'ipv4');
    case 6:
      // IPv4 in IPv6 clothes (mapped, compatible, NAT64) and zones lie outside 2000::/3.
      return (
        !address.includes('%') &&
        globalUnicast.check(address, 'ipv6') &&
        !special.check(address, 'ipv6')
      );
    default:
      return false;
  }
}

export class BlockedAddressError extends Error {
  override readonly name = 'BlockedAddressError';

  constructor(host: string) {
    super(`${host} does not lead to a public address`);
  }
}

/** Finds the addresses of a name: all of them. */
export type Resolve = (hostname: string, callback: ResolveCallback) => void;

type ResolveCallback = (
  error: NodeJS.ErrnoException | null,
  addresses: readonly LookupAddress[],
) => void;

/** As every program of the machine does, with its hosts file. Each question takes one of the few threads that files need too. */
export const resolveBySystem: Resolve = (hostname, callback) =>
  lookup(hostname, { all: true }, callback);

/**
 * Past the machine's own names, and without threads: for names that strangers choose, whose name servers may be as slow as
 * they like. What has not answered in half of the time for a connection does not count.
 */
export function resolveByDns(options: {
  readonly connectMs: number;
  /** Instead of the machine's own, for tests. */
  readonly servers?: readonly string[];
}): Resolve {
  const patienceMs = options.connectMs / 2;
  return (hostname, callback) => {
    const resolver = new promises.Resolver({ timeout: patienceMs / 2, tries: 1 });
    if (options.servers) resolver.setServers(options.servers);
    const timer = setTimeout(() => resolver.cancel(), patienceMs);
    const questions = [resolver.resolve4(hostname), resolver.resolve6(hostname)];
    void Promise.allSettled(questions).then(([ipv4, ipv6]) => {
      clearTimeout(timer);
      const found = [...addressesOf(ipv4, 4), ...addressesOf(ipv6, 6)];
      const isNothing = found.length === 0 && ipv4?.status === 'rejected';
      callback(isNothing ? (ipv4.reason as NodeJS.ErrnoException) : null, found);
    });
  };
}

const addressesOf = (
  answer: PromiseSettledResult<string[]> | undefined,
  family: 4 | 6,
): LookupAddress[] =>
  answer?.status === 'fulfilled' ? answer.value.map((address) => ({ address, family })) : [];

type LookupCallback = (
  error: NodeJS.ErrnoException | null,
  address: string | LookupAddress[],
  family?: number,
) => void;

/**
 * A `lookup` for `net.connect` that answers with allowed addresses only, whatever else the name has. The socket connects to
 * one of the very addresses that were checked, so a name that changes its answer between check and use gains nothing.
 */
export function publicLookup(resolve: Resolve, isAllowed: (address: string) => boolean) {
  return (hostname: string, options: LookupOptions, callback: LookupCallback): void => {
    resolve(hostname, (error, addresses) => {
      if (error) return callback(error, []);
      const isWanted = (family: number): boolean => !options.family || options.family === family;
      const open = addresses.filter(
        ({ address, family }) => isWanted(family) && isAllowed(address),
      );
      const [first] = open;
      if (first === undefined) return callback(new BlockedAddressError(hostname), []);
      if (options.all === true) return callback(null, open);
      return callback(null, first.address, first.family);
    });
  };
}
