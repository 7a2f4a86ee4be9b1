import { priceOf } from '../customers/billing/index.ts';
import {
  outputLimitFieldAt,
  type ModelDefinition,
  type UpstreamDefinition,
  type UpstreamKey,
  type UpstreamTimeouts,
} from '../inference/upstreams/index.ts';
import { Secret } from '../platform/secret.ts';
import type { Fault } from './fault.ts';
import { printPath, type ReadDocument } from './read-document.ts';
import { namesPrivateAddress, type FileModel, type FileUpstream } from './sealgate-file.ts';

type Variables = Readonly<Record<string, string | undefined>>;

/** The file's upstreams as the gateway uses them, with the defaults of the environment. */
export function upstreamDefinition(
  upstream: FileUpstream,
  defaults: UpstreamTimeouts,
  variables: Variables,
): UpstreamDefinition {
  const { trust, timeouts } = upstream;
  return {
    upstream: {
      id: upstream.id,
      kind: upstream.kind,
      baseUrl: upstream.base_url,
      socketPath: upstream.socket_path,
      outputLimitField: upstream.output_limit_field ?? outputLimitFieldAt(upstream.base_url),
      keys: keysOf(upstream, variables),
      headers: lowerCased(upstream.headers),
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
      isHedged: upstream.hedge === undefined ? undefined : upstream.hedge === 'on',
    },
    models: upstream.models?.map(modelDefinition),
  };
}

/** So that a header written here replaces one of ours, however it is spelt. */
const lowerCased = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

function keysOf(upstream: FileUpstream, variables: Variables): readonly UpstreamKey[] {
  const { api_key: written, api_key_env: variable, api_keys: several = [] } = upstream;
  if (written !== undefined) return [{ name: 'api_key', weight: 1, secret: new Secret(written) }];
  const wanted = variable === undefined ? several : [{ env: variable, weight: 1 }];
  return wanted.flatMap(({ env, weight }) => {
    const text = variables[env];
    return text === undefined ? [] : [{ name: env, weight, secret: new Secret(text) }];
  });
}

function modelDefinition(model: FileModel): ModelDefinition {
  return {
    id: model.id,
    name: model.name ?? model.id,
    price: model.price && priceOf(model.price),
    contextLength: model.context_length,
    maxOutputTokens: model.max_output_tokens,
    defaultMaxOutputTokens: model.default_max_output_tokens,
    capabilities: model.capabilities,
    quality: model.quality,
  };
}

/** Keys that the file expects in the environment and that are not there. */
export function missingKeys(
  upstreams: readonly FileUpstream[],
  variables: Variables,
  lineOf: ReadDocument<unknown>['lineOf'],
): Fault[] {
  return upstreams.flatMap(({ api_key_env: variable, api_keys: several = [] }, index) => {
    const named = several.map(({ env }, place) => ({ env, path: ['api_keys', place, 'env'] }));
    if (variable !== undefined) named.push({ env: variable, path: ['api_key_env'] });
    return named
      .filter(({ env }) => (variables[env] ?? '') === '')
      .map(({ env, path: inner }) => {
        const path = ['upstreams', index, ...inner];
        const message = `the environment has no ${env}: set it, or remove this field`;
        return { where: printPath(path), line: lineOf(path), message };
      });
  });
}
