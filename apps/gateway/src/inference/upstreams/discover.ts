import type { Secret } from '../../platform/secret.ts';
import type { UpstreamDefinition } from './definition.ts';
import { KNOWN_PROVIDERS, outputLimitFieldAt, type KnownProvider } from './known-providers.ts';
import { listModels, type ListingServices } from './list-models.ts';
import type { OwnKeyTerms, Upstream, UpstreamTimeouts } from './model.ts';

export interface LocalServer {
  readonly id: string;
  readonly port: number;
}

/** Where model servers usually listen on the machine itself. */
export const LOCAL_SERVERS: readonly LocalServer[] = [
  { id: 'ollama', port: 11_434 },
  { id: 'llamacpp', port: 8_080 },
  { id: 'vllm', port: 8_000 },
  { id: 'lmstudio', port: 1_234 },
];

const PROBE_MS = 500;
const PROBE_TIMEOUTS: UpstreamTimeouts = {
  connectMs: PROBE_MS,
  firstByteMs: PROBE_MS,
  idleMs: PROBE_MS,
  totalMs: PROBE_MS,
};

/** Asks the usual loopback ports, all at once; whoever does not answer within half a second is not there. */
export async function findLocalServers(
  services: ListingServices,
  options: {
    readonly timeouts: UpstreamTimeouts;
    /** Where this gateway listens: it is no upstream of itself. */
    readonly ownPort: number;
    readonly servers?: readonly LocalServer[];
  },
): Promise<UpstreamDefinition[]> {
  const { servers = LOCAL_SERVERS, ownPort, timeouts } = options;
  const found = await Promise.all(
    servers
      .filter(({ port }) => port !== ownPort)
      .map(async (server) => {
        const upstream = localUpstream(server, timeouts);
        const models = await listModels(services, { ...upstream, timeouts: PROBE_TIMEOUTS });
        return models && models.length > 0 ? [{ upstream, models }] : [];
      }),
  );
  return found.flat();
}

function localUpstream({ id, port }: LocalServer, timeouts: UpstreamTimeouts): Upstream {
  return {
    id,
    kind: 'openai',
    baseUrl: `http://127.0.0.1:${port}/v1`,
    headers: {},
    outputLimitField: 'max_tokens',
    trust: 'local',
    region: 'overseas',
    dataCollection: 'deny',
    timeouts,
    allowPrivateAddress: true,
  };
}

/** All that we know, without a key: for organizations that bring one. */
export const knownProviders = (timeouts: UpstreamTimeouts): UpstreamDefinition[] =>
  KNOWN_PROVIDERS.map((known) => {
    const upstream = upstreamAt(known, timeouts);
    const { keyCheckPath } = known;
    const ownKeys: OwnKeyTerms = { isNeeded: true, models: 'any', keyCheckPath };
    return { upstream: { ...upstream, ownKeys }, models: undefined };
  });

/** The providers whose keys are in the environment. */
export function environmentProviders(
  keys: ReadonlyMap<string, Secret>,
  timeouts: UpstreamTimeouts,
): UpstreamDefinition[] {
  return KNOWN_PROVIDERS.flatMap((known) => {
    const name = known.variables.find((variable) => keys.has(variable)) ?? '';
    const secret = keys.get(name);
    if (secret === undefined) return [];
    const upstream = { ...upstreamAt(known, timeouts), keys: [{ name, weight: 1, secret }] };
    return [{ upstream, models: undefined }];
  });
}

const upstreamAt = (
  { id, kind, baseUrl, region }: KnownProvider,
  timeouts: UpstreamTimeouts,
): Upstream => ({
  id,
  kind,
  baseUrl,
  headers: {},
  outputLimitField: outputLimitFieldAt(baseUrl),
  trust: 'public',
  region,
  dataCollection: 'allow',
  timeouts,
  allowPrivateAddress: false,
});
