import { Refusal } from '../../platform/refusal.ts';
import type { OwnKeyRejection, Walk } from './walk.ts';

/**
 * Were own keys of the organization all there was, and one of them in the way: in this request, or so lately that it was not
 * even asked? Where the operator's might have served too, their trouble is told: they may be back soon.
 */
export function ownKeyRejectionOf({
  services,
  admission,
  rejection,
}: Walk): OwnKeyRejection | undefined {
  if (!admission.candidates.every(({ model }) => model.upstream.owner !== undefined))
    return undefined;
  if (rejection) return rejection;
  for (const { model } of admission.candidates) {
    const status = services.health.closureOf(model)?.ownKeyRejection;
    if (status !== undefined) return { upstream: model.upstream, status };
  }
  return undefined;
}

/** Names the provider and what to do: nobody but the organization can mend it. */
export function ownKeyRefusal({ upstream, status }: OwnKeyRejection): Refusal {
  const { id: provider, owner } = upstream;
  const [fault, fix] = FAULTS[status] ?? FAULT;
  return new Refusal('provider_key_unusable', {
    message: `${provider} ${fault} (${status}). ${fix(owner?.id ?? '')}`,
    internal: { provider, providerKeyId: owner?.id, status },
  });
}

type Fault = readonly [fault: string, fix: (keyId: string) => string];

const rotate = (keyId: string): string =>
  `Replace it: POST /v1/billing/provider-keys/${keyId}/rotate.`;

const FAULT: Fault = ['does not accept your organization’s own key', rotate];
const FAULTS: Readonly<Record<number, Fault>> = {
  402: [
    'says that the account of your organization’s own key cannot pay',
    () => 'Top it up at the provider.',
  ],
  403: [
    'does not let your organization’s own key use this model',
    (keyId) => `Allow it at the provider, or use another key: ${rotate(keyId)}`,
  ],
};
