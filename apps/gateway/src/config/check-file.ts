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
    ...unknownPoolMembers(file).map(({ path, message }) => fault(path, message)),
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

function unknownPoolMembers({
  upstreams,
  tiers,
}: SealgateFile): { path: PropertyKey[]; message: string }[] {
  const written = upstreams.flatMap(({ id, models = [] }) =>
    models.map((model) => `${id}/${model.id}`),
  );
  const isKnown = (member: string): boolean => {
    const upstreamId = member.slice(0, member.indexOf('/'));
    const upstream = upstreams.find(({ id }) => id === upstreamId);
    if (upstream?.models !== undefined) return written.includes(member);
    return upstream !== undefined || UNWRITTEN.has(upstreamId);
  };
  return TIERS.flatMap((tier) =>
    (tiers[tier] ?? []).flatMap((member, index) =>
      isKnown(member)
        ? []
        : [
            {
              path: ['tiers', tier, index],
              message: `"${member}" is no model of an upstream here.${didYouMean(member, written)}`,
            },
          ],
    ),
  );
}
