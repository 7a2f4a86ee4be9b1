import type { Vault } from '../../platform/vault.ts';
import type { CacheableRequest } from './cacheable-request.ts';
import { signatureOf } from './likeness/signature.ts';

/** Where answers to a request lie. Keyed digests: whoever reads the database cannot try out what was asked. */
export interface Place {
  readonly request: Buffer;
  /** Shared by requests that differ in the wording of their last message only; `undefined`: it is like no other. */
  readonly likeness: Buffer | undefined;
}

const PURPOSE = 'cached-answer';

/**
 * Nobody's digest can be another's: the organization, and for the scope `key` the key too, are part of it. `embedderName`
 * is, because vectors of two models have nothing to say to each other.
 */
export function placeOf(
  vault: Vault,
  request: CacheableRequest,
  embedderName: string | undefined,
): Place {
  const { organizationId, keyId, cache, canonical, likeness } = request;
  const owner = [organizationId, cache.scope === 'key' ? keyId : 'organization'];
  const digest = (kind: string, ...parts: readonly string[]): Buffer =>
    vault.digest(`${PURPOSE} ${kind}`, JSON.stringify([...owner, ...parts]));
  const signature =
    embedderName === undefined || likeness === undefined ? undefined : signatureOf(likeness.text);
  return {
    request: digest('request', canonical),
    likeness:
      embedderName === undefined || likeness === undefined || signature === undefined
        ? undefined
        : digest('likeness', likeness.context, signature, embedderName),
  };
}

export const hostDigest = (vault: Vault, host: string): Buffer =>
  vault.digest(`${PURPOSE} host`, host);
