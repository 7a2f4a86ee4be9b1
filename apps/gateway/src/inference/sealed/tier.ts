import { SECURITY_TIERS, type SecurityTier } from '@sealgate/protocol';
import type { ProtectedMemory } from '../../platform/memory/index.ts';
import { Refusal } from '../../platform/refusal.ts';

/** Who may see a request: the trust of an upstream, as its configuration states it. */
export type Trust = 'public' | 'private' | 'local';

const PERMITTED_TRUST: Readonly<Record<SecurityTier, ReadonlySet<Trust>>> = {
  standard: new Set(['public', 'private', 'local']),
  high: new Set(['private', 'local']),
  maximum: new Set(['local']),
};

export const permittedTrust = (tier: SecurityTier): ReadonlySet<Trust> => PERMITTED_TRUST[tier];

/** Reads a tier that the caller states; `undefined` when none is stated. */
export function readTier(value: unknown, param: string): SecurityTier | undefined {
  if (value === undefined) return undefined;
  const tier = SECURITY_TIERS.find((known) => known === value);
  if (tier) return tier;
  throw new Refusal('invalid_request_error', {
    param,
    message: `The security tier must be one of: ${SECURITY_TIERS.join(', ')}.`,
  });
}

/** The header is what published clients set; it is not encrypted, so a tier inside the request must agree with it. */
export function agreeOnTier(
  header: SecurityTier | undefined,
  inside: SecurityTier | undefined,
): SecurityTier {
  if (header !== undefined && inside !== undefined && header !== inside) {
    throw new Refusal('invalid_request_error', {
      param: 'security_tier',
      message: 'X-Security-Tier and the security_tier inside the sealed request differ.',
    });
  }
  return header ?? inside ?? 'standard';
}

/** Whether plaintext and private keys are kept out of swap here; "maximum" needs both. */
export function isMemoryProtected({ state }: ProtectedMemory): boolean {
  return state.locking.kind === 'effective' && state.secureHeapBytes > 0;
}

export function requireProtection(tier: SecurityTier, memory: ProtectedMemory): void {
  if (tier !== 'maximum' || isMemoryProtected(memory)) return;
  const { locking, secureHeapBytes } = memory.state;
  throw new Refusal('memory_not_protected', { internal: { locking, secureHeapBytes } });
}
