import { isIP } from 'node:net';
import { buildConnector } from 'undici';
import { BlockedAddressError, isPublicAddress, lookupPublic } from '../../platform/net/index.ts';
import type { Upstream } from './model.ts';

/** Opens connections to one upstream. Unless the operator allowed it, only public addresses are connected to. */
export function outboundConnector(upstream: Upstream): buildConnector.connector {
  const { connectMs } = upstream.timeouts;
  if (upstream.socketPath !== undefined)
    return buildConnector({ socketPath: upstream.socketPath, timeout: connectMs });
  if (upstream.allowPrivateAddress) return buildConnector({ timeout: connectMs });

  const connectByName = buildConnector({ timeout: connectMs, lookup: lookupPublic });
  return (target, callback) => {
    // `lookup` is not asked about a host that is already an address.
    const isBlocked = isIP(target.hostname) !== 0 && !isPublicAddress(target.hostname);
    if (isBlocked) queueMicrotask(() => callback(new BlockedAddressError(target.hostname), null));
    else connectByName(target, callback);
  };
}
