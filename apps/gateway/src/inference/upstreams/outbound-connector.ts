import { buildConnector } from 'undici';
import { publicConnector } from '../../platform/net/index.ts';
import type { Upstream } from './model.ts';

/** Opens connections to one upstream. Unless the operator allowed it, only public addresses are connected to. */
export function outboundConnector(upstream: Upstream): buildConnector.connector {
  const { connectMs } = upstream.timeouts;
  if (upstream.socketPath !== undefined)
    return buildConnector({ socketPath: upstream.socketPath, timeout: connectMs });
  return upstream.allowPrivateAddress
    ? buildConnector({ timeout: connectMs })
    : publicConnector({ connectMs });
}
