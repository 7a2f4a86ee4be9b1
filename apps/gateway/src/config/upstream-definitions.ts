import { completePrice, type Price } from '../customers/billing/index.ts';
import {
  outputLimitFieldAt,
  type ModelDefinition,
  type UpstreamDefinition,
  type UpstreamTimeouts,
} from '../inference/upstreams/index.ts';
import { Secret } from '../platform/secret.ts';
import type { Fault } from './fault.ts';
import { printPath, type ReadFile } from './read-file.ts';
import { namesPrivateAddress, type FileModel, type FileUpstream } from './sealgate-file.ts';

type Variables = Readonly<Record<string, string | undefined>>;

/** The file's upstreams as the gateway uses them, with the defaults of the environment. */
export function upstreamDefinition(
  upstream: FileUpstream,
  defaults: UpstreamTimeouts,
  variables: Variables,
): UpstreamDefinition {
  const { trust, timeouts } = upstream;
  const key = upstream.api_key ?? variables[upstream.api_key_env ?? ''];
  return {
    upstream: {
      id: upstream.id,
      kind: upstream.kind,
      baseUrl: upstream.base_url,
      socketPath: upstream.socket_path,
      apiKey: key === undefined ? undefined : new Secret(key),
      headers: upstream.headers,
      outputLimitField: upstream.output_limit_field ?? outputLimitFieldAt(upstream.base_url),
      trust,
      region: upstream.region,
      dataCollection: upstream.data_collection ?? (trust === 'public' ? 'allow' : 'deny'),
      timeouts: {
        connectMs: timeouts.connect_ms ?? defaults.connectMs,
        firstByteMs: timeouts.first_byte_ms ?? defaults.firstByteMs,
        idleMs: timeouts.idle_ms ?? defaults.idleMs,
        totalMs: timeouts.total_ms ?? defaults.totalMs,
      },
      allowPrivateAddress: namesPrivateAddress(upstream),
    },
    models: upstream.models?.map(modelDefinition),
  };
}

function modelDefinition(model: FileModel): ModelDefinition {
  return {
    id: model.id,
    name: model.name ?? model.id,
    price: model.price && listedPrice(model.price),
    contextLength: model.context_length,
    maxOutputTokens: model.max_output_tokens,
    defaultMaxOutputTokens: model.default_max_output_tokens,
    capabilities: model.capabilities,
  };
}

function listedPrice(price: NonNullable<FileModel['price']>): Price {
  const { cached_input: cachedInput, cache_write: cacheWrite, reasoning, image } = price;
  return completePrice({
    input: price.input,
    output: price.output,
    ...(cachedInput !== undefined && { cachedInput }),
    ...(cacheWrite !== undefined && { cacheWrite }),
    ...(reasoning !== undefined && { reasoning }),
    ...(image !== undefined && { image }),
  });
}

/** Keys that the file expects in the environment and that are not there. */
export function missingKeys(
  upstreams: readonly FileUpstream[],
  variables: Variables,
  lineOf: ReadFile['lineOf'],
): Fault[] {
  return upstreams.flatMap(({ api_key_env: name }, index) => {
    if (name === undefined || (variables[name] ?? '') !== '') return [];
    const path = ['upstreams', index, 'api_key_env'];
    const message = `the environment has no ${name}: set it, or remove this field`;
    return [{ where: printPath(path), line: lineOf(path), message }];
  });
}
