import type { OwnKeys } from '../../../customers/provider-keys/index.ts';
import type { Catalogue } from '../catalogue.ts';
import type { Model, Upstream } from '../model.ts';

/**
 * A model that is not in the catalogue, for an organization with a key of its own: the provider knows which models the key is
 * good for, and a list that another key has got is none of its business. Never with the operator's key.
 */
export function unlistedModel(
  catalogue: Catalogue,
  id: string,
  ownKeys: OwnKeys,
): Model | undefined {
  const end = id.indexOf('/');
  const name = id.slice(end + 1);
  const upstream = end < 0 ? undefined : catalogue.upstreams.get(id.slice(0, end));
  if (upstream === undefined || name === '' || !ownKeys.has(upstream.id)) return undefined;
  if (upstream.ownKeys?.models !== 'any') return undefined;
  return catalogue.modelNamed(ownKeyOnly(upstream), name);
}

const known = new WeakMap<Upstream, Upstream>();

function ownKeyOnly(upstream: Upstream): Upstream {
  const found = known.get(upstream);
  if (found) return found;
  const made = {
    ...upstream,
    keys: [],
    ownKeys: { isNeeded: true, models: 'any' },
  } satisfies Upstream;
  known.set(upstream, made);
  return made;
}
