import type {
  KeyCheck,
  Provider,
  ProviderDirectory,
} from '../../../customers/provider-keys/index.ts';
import type { Secret } from '../../../platform/secret.ts';
import type { Catalogue } from '../catalogue.ts';
import { askForList, readModelList, type ListingServices } from '../list-models.ts';
import type { Upstream } from '../model.ts';
import { errorMessageWithout } from '../provider.ts';
import { originOf } from './ways-to.ts';

const PATIENCE_MS = 10_000;

/** Who takes keys of organizations, as the catalogue has it now. */
export function createProviderDirectory(
  services: ListingServices,
  catalogue: () => Catalogue,
): ProviderDirectory {
  const upstreams = (): Upstream[] =>
    [...catalogue().upstreams.values()].filter(({ ownKeys }) => ownKeys !== undefined);
  return {
    list: () => upstreams().map(describe),
    find: (id) =>
      upstreams()
        .filter((upstream) => upstream.id === id)
        .map(describe)[0],
    check: async ({ id, origin }, secret) => {
      const upstream = catalogue().upstreams.get(id);
      // Moved to another host meanwhile: then nothing is sent.
      const isThere = upstream?.ownKeys !== undefined && originOf(upstream) === origin;
      return isThere ? checkKey(services, upstream, secret) : UNREACHABLE;
    },
  };
}

const describe = (upstream: Upstream): Provider => ({
  id: upstream.id,
  origin: originOf(upstream),
  isOwnKeyNeeded: upstream.ownKeys?.isNeeded === true,
});

const UNREACHABLE: KeyCheck = { kind: 'undecided', reason: 'unreachable' };
const INCONCLUSIVE: KeyCheck = { kind: 'undecided', reason: 'inconclusive' };

async function checkKey(
  services: ListingServices,
  upstream: Upstream,
  secret: Secret,
): Promise<KeyCheck> {
  // As every request with a key of an organization: without the operator's headers, which may be credentials.
  const bare: Upstream = { ...upstream, keys: [], headers: {} };
  const key = { name: 'key', weight: 1, secret };
  const proof = upstream.ownKeys?.keyCheckPath;
  const ask = (path?: string) => askForList(services, bare, { key, path, mostMs: PATIENCE_MS });
  const [list, proven] = await Promise.all([ask(), proof === undefined ? undefined : ask(proof)]);
  const answer = proof === undefined ? list : proven;
  if (answer === undefined || answer.status >= 500) return UNREACHABLE;
  const { status, text } = answer;
  if (status === 200) {
    const models = list?.status === 200 ? (readModelList(list.text) ?? []) : [];
    return { kind: 'accepted', models: models.map(({ name }) => name) };
  }
  if (!isRefusal(status, text)) return INCONCLUSIVE;
  const provider = services.providers[upstream.kind];
  return { kind: 'refused', status, message: errorMessageWithout(key, provider, text) };
}

/** A key that may chat need not be allowed to list models. */
const LACKS_A_SCOPE = /insufficient permissions|missing scopes?/i;

/** 400 is what Gemini says to a key that it does not know. 402, 403 and 429 are said to keys that are known. */
const isRefusal = (status: number, text: string): boolean =>
  (status === 401 && !LACKS_A_SCOPE.test(text)) || status === 400;
