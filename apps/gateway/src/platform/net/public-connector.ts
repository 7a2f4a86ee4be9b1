import { isIP } from 'node:net';
import { buildConnector } from 'undici';
import {
  BlockedAddressError,
  isPublicAddress,
  publicLookup,
  resolveBySystem,
  type Resolve,
} from './public-address.ts';

/**
 * Opens connections to public addresses only, each to the very address that was checked: a name is asked once for each
 * connection, and what it says the next time changes nothing. `isAllowed` replaces the rule, for tests.
 */
export function publicConnector({
  connectMs,
  resolve = resolveBySystem,
  isAllowed = isPublicAddress,
}: {
  readonly connectMs: number;
  readonly resolve?: Resolve;
  readonly isAllowed?: (address: string) => boolean;
}): buildConnector.connector {
  const connectByName = buildConnector({
    timeout: connectMs,
    lookup: publicLookup(resolve, isAllowed),
  });
  return (target, callback) => {
    // `lookup` is not asked about a host that is already an address.
    const isBlocked = isIP(target.hostname) !== 0 && !isAllowed(target.hostname);
    if (isBlocked) queueMicrotask(() => callback(new BlockedAddressError(target.hostname), null));
    else connectByName(target, callback);
  };
}
