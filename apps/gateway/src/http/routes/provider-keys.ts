import {
  ENDPOINTS,
  type CheckedProviderKey as PrintedCheckedKey,
  type ProviderKey as PrintedKey,
} from '@sealgate/contract';
import {
  checkProviderKey,
  createProviderKey,
  deleteProviderKey,
  listProviderKeys,
  rotateProviderKey,
  updateProviderKey,
  type CheckedProviderKey,
  type KeyCheck,
  type ProviderKey,
  type ProviderKeyServices,
} from '../../customers/provider-keys/index.ts';
import { Secret } from '../../platform/secret.ts';
import type { AddRoute } from '../platform/add-route.ts';
import { printList } from '../platform/print-list.ts';

export function addProviderKeyRoutes(addRoute: AddRoute, services: ProviderKeyServices): void {
  const { directory } = services;
  addRoute(ENDPOINTS.listProviders, async () => ({
    object: 'list' as const,
    data: directory.list().map(({ id, origin, isOwnKeyNeeded }) => ({
      provider: id,
      host: hostOf(origin),
      own_key_needed: isOwnKeyNeeded,
    })),
  }));
  addRoute(ENDPOINTS.listProviderKeys, async (ctx, { query }) =>
    printList(await listProviderKeys(ctx, directory, query), printKey),
  );
  addRoute(ENDPOINTS.createProviderKey, async (ctx, { body }) =>
    printChecked(
      await createProviderKey(ctx, services, {
        provider: body.provider,
        label: body.label,
        secret: new Secret(body.key),
        isFallbackAllowed: body.fallback,
      }),
    ),
  );
  addRoute(ENDPOINTS.updateProviderKey, async (ctx, { params, body }) =>
    printKey(
      await updateProviderKey(ctx, directory, {
        id: params.provider_key_id,
        label: body.label,
        isFallbackAllowed: body.fallback,
      }),
    ),
  );
  addRoute(ENDPOINTS.rotateProviderKey, async (ctx, { params, body }) =>
    printChecked(
      await rotateProviderKey(ctx, services, {
        id: params.provider_key_id,
        secret: new Secret(body.key),
      }),
    ),
  );
  addRoute(ENDPOINTS.checkProviderKey, async (ctx, { params }) =>
    printChecked(await checkProviderKey(ctx, services, params.provider_key_id)),
  );
  addRoute(ENDPOINTS.deleteProviderKey, (ctx, { params }) =>
    deleteProviderKey(ctx, params.provider_key_id),
  );
}

const hostOf = (origin: string): string => new URL(origin).host;

const printKey = (key: ProviderKey): PrintedKey => ({
  provider_key_id: key.id,
  provider: key.provider,
  label: key.label,
  host: hostOf(key.origin),
  last_four: key.lastFour,
  fallback: key.isFallbackAllowed,
  status: key.status,
  created_by: key.createdBy,
  created_at: key.createdAt.toISOString(),
  rotated_at: key.rotatedAt?.toISOString() ?? null,
  last_used_at: key.lastUsedAt?.toISOString() ?? null,
  rejected_at: key.rejectedAt?.toISOString() ?? null,
  rejected_status: key.rejectedStatus,
});

const printChecked = ({ providerKey, check }: CheckedProviderKey): PrintedCheckedKey => ({
  ...printKey(providerKey),
  check: { outcome: check.kind, message: sentenceOf(providerKey, check) },
});

function sentenceOf({ provider }: ProviderKey, check: KeyCheck): string {
  switch (check.kind) {
    case 'accepted':
      return `${provider} takes this key.`;
    case 'refused':
      return `${provider} refuses this key (${check.status}).`;
    case 'undecided':
      return check.reason === 'unreachable'
        ? `${provider} could not be asked, so nobody knows whether it takes this key. It is stored all the same.`
        : `${provider} did not say whether it takes this key. It is stored all the same.`;
  }
}
