import type { OwnKey, OwnKeys } from '../../../customers/provider-keys/index.ts';
import type { Model, Upstream } from '../model.ts';

/**
 * In which ways a model may be asked for an organization, best first: with its own key, with the operator's. `keyless`: only
 * organizations that bring a key are served. `unusable-own-key`: there is one, it must not be sent, and nothing may take its place.
 */
export type Ways = readonly Model[] | 'keyless' | 'unusable-own-key';

/** A way is a model: what is remembered, charged and sent goes by it. The operator's key is in none that has an owner. */
export function waysTo(model: Model, ownKeys: OwnKeys): Ways {
  const { upstream } = model;
  const isOwnKeyNeeded = upstream.ownKeys?.isNeeded === true;
  const ownKey = ownKeys.get(upstream.id);
  if (ownKey === undefined) return isOwnKeyNeeded ? 'keyless' : [model];
  const others = ownKey.isFallbackAllowed && !isOwnKeyNeeded ? [model] : [];
  const own = withOwnKey(upstream, ownKey);
  if (own !== undefined) return [modelAt(model, own), ...others];
  return others.length > 0 ? others : 'unusable-own-key';
}

/** Two that lead to the same host with the same key. */
export const isSameWay = (one: Model, other: Model): boolean =>
  one === other || (one.id === other.id && one.upstream.owner?.id === other.upstream.owner?.id);

export const originOf = ({ baseUrl }: Upstream): string => new URL(baseUrl).origin;

type OwnUpstreams = WeakMap<Upstream, Upstream | undefined>;

/** The same for every request, as long as the verdict on the caller's key and the catalogue last. */
const ownUpstreams = new WeakMap<OwnKey, OwnUpstreams>();
const ownModels = new WeakMap<Upstream, WeakMap<Model, Model>>();

/** `undefined`: the key was not stored for this place, or it cannot be read. */
function withOwnKey(upstream: Upstream, ownKey: OwnKey): Upstream | undefined {
  const known: OwnUpstreams = ownUpstreams.get(ownKey) ?? new WeakMap();
  ownUpstreams.set(ownKey, known);
  if (!known.has(upstream)) known.set(upstream, makeOwn(upstream, ownKey));
  return known.get(upstream);
}

function makeOwn(upstream: Upstream, ownKey: OwnKey): Upstream | undefined {
  const { id, revision, secret, origin } = ownKey;
  if (upstream.ownKeys === undefined || secret === undefined) return undefined;
  // Whoever moves an upstream to another host gets nobody's key there.
  if (originOf(upstream) !== origin) return undefined;
  return {
    ...upstream,
    keys: [{ name: id, weight: 1, secret }],
    // The operator's may be credentials.
    headers: {},
    owner: { id, revision },
  };
}

function modelAt(model: Model, upstream: Upstream): Model {
  const known = ownModels.get(upstream) ?? new WeakMap<Model, Model>();
  ownModels.set(upstream, known);
  const found = known.get(model);
  if (found) return found;
  const made = { ...model, upstream };
  known.set(model, made);
  return made;
}
