import {
  BUNDLED_UPSTREAM_ID,
  KNOWN_PROVIDERS,
  LOCAL_SERVERS,
  type TierName,
} from '../inference/upstreams/index.ts';
import { didYouMean } from '../platform/did-you-mean.ts';
import type { Fault } from './fault.ts';
import { printPath, type ReadDocument } from './read-document.ts';
import type { SealgateFile } from './sealgate-file.ts';

/** Faults between fields: names that are used twice or that lead nowhere. */
export function crossFaults(file: SealgateFile, lineOf: ReadDocument<unknown>['lineOf']): Fault[] {
  const fault = (path: readonly PropertyKey[], message: string): Fault => ({
    where: printPath(path),
    line: lineOf(path),
    message,
  });
  return [
    ...repeated(file.upstreams.map(({ id }) => id)).map((index) =>
      fault(['upstreams', index, 'id'], 'is the id of an upstream above'),
    ),
    ...file.upstreams.flatMap(({ models = [] }, upstream) =>
      repeated(models.map(({ id }) => id)).map((index) =>
        fault(['upstreams', upstream, 'models', index, 'id'], 'is the id of a model above'),
      ),
    ),
    ...file.upstreams.flatMap(({ api_keys: keys = [] }, upstream) =>
      repeated(keys.map(({ env }) => env)).map((index) =>
        fault(
          ['upstreams', upstream, 'api_keys', index, 'env'],
          'is the variable of a key above: give that one more weight',
        ),
      ),
    ),
    ...repeated(file.prices.map(({ effective_from: from }) => String(from))).map((index) =>
      fault(
        ['prices', index, 'effective_from'],
        'is the moment of a list above: of two, one would never count',
      ),
    ),
    ...repeated(file.plans.map(({ id }) => id)).map((index) =>
      fault(['plans', index, 'id'], 'is the id of a plan above'),
    ),
    ...unknownModels(file).map(({ path, message }) => fault(path, message)),
  ];
}

function repeated(ids: readonly string[]): number[] {
  return [...ids.keys()].filter((index) => ids.indexOf(ids[index] ?? '') < index);
}

const TIERS: readonly TierName[] = ['fast', 'balanced', 'auto'];
/** Upstreams that may appear without being written down. */
const UNWRITTEN = new Set([
  BUNDLED_UPSTREAM_ID,
  ...KNOWN_PROVIDERS.map(({ id }) => id),
  ...LOCAL_SERVERS.map(({ id }) => id),
]);

/** Does this name lead to a model, as far as the file can tell? */
function isKnownModel({ upstreams }: Pick<SealgateFile, 'upstreams'>, member: string): boolean {
  const upstreamId = member.slice(0, member.indexOf('/'));
  const upstream = upstreams.find(({ id }) => id === upstreamId);
  if (upstream?.models !== undefined) return writtenIn([upstream]).includes(member);
  return upstream !== undefined || UNWRITTEN.has(upstreamId);
}

const writtenIn = (upstreams: SealgateFile['upstreams']): string[] =>
  upstreams.flatMap(({ id, models = [] }) => models.map((model) => `${id}/${model.id}`));

interface Named {
  readonly path: PropertyKey[];
  readonly member: string;
}

function unknownModels(file: SealgateFile): { path: PropertyKey[]; message: string }[] {
  const { embedding_model: embedder } = file.cache;
  const named: Named[] = TIERS.flatMap((tier) =>
    (file.tiers[tier] ?? []).map((member, index) => ({ path: ['tiers', tier, index], member })),
  );
  if (embedder !== undefined) named.push({ path: ['cache', 'embedding_model'], member: embedder });
  return named
    .filter(({ member }) => !isKnownModel(file, member))
    .map(({ path, member }) => ({
      path,
      message: `"${member}" is no model of an upstream here.${didYouMean(member, writtenIn(file.upstreams))}`,
    }));
}
