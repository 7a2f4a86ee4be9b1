import type { Secret } from '../../platform/secret.ts';

/** Somebody for whom organizations may bring keys of their own. */
export interface Provider {
  /** Id of the upstream. */
  readonly id: string;
  /** Where its keys are sent, and nowhere else. */
  readonly origin: string;
  /** The operator has no key for it: its models are only for those who bring one. */
  readonly isOwnKeyNeeded: boolean;
}

/** What the provider says of a key. */
export type KeyCheck =
  | { readonly kind: 'accepted'; readonly models: readonly string[] }
  /** `message`: its own words, fit to be shown. */
  | {
      readonly kind: 'refused';
      readonly status: number;
      readonly message: string | undefined;
    }
  /** It could not be asked, or its answer says nothing of the key. */
  | { readonly kind: 'undecided'; readonly reason: 'unreachable' | 'inconclusive' };

/** What this room has to know of the floor above: who provides models, and whether they take a key. */
export interface ProviderDirectory {
  list(): readonly Provider[];
  find(id: string): Provider | undefined;
  /** Sends the key to the provider's origin and nowhere else. Never rejects. */
  check(provider: Provider, secret: Secret): Promise<KeyCheck>;
}
