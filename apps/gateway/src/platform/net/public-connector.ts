import { isIP } from 'node:net';
import { buildConnector } from 'undici';
import { BlockedAddressError, isPublicAddress, lookupPublic } from './public-address.ts';

/** Opens connections to public addresses only, each to the very address that was checked. */
export function publicConnector({
  connectMs,
}: {
  readonly connectMs: number;
}): buildConnector.connector {
  const connectByName = buildConnector({ timeout: connectMs, lookup: lookupPublic });
  return (target, callback) => {
    // `lookup` is not asked about a host that is already an address.
    const isBlocked = isIP(target.hostname) !== 0 && !isPublicAddress(target.hostname);
    if (isBlocked) queueMicrotask(() => callback(new BlockedAddressError(target.hostname), null));
    else connectByName(target, callback);
  };
}
