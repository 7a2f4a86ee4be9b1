import type { KeyOwner } from '../model.ts';

/** What an operator may want to act on, or the owner of a key. `model` is missing where the whole upstream is concerned. */
export type HealthEvent =
  | {
      /** `opened`: left alone after failures. `recovered`: the first good answer after that. */
      readonly kind: 'opened' | 'recovered';
      readonly upstream: string;
      readonly model: string | undefined;
    }
  | {
      readonly kind: 'key-rejected';
      readonly upstream: string;
      readonly model: string | undefined;
      /** Its name: never the key. */
      readonly key: string;
      readonly status: number;
    }
  /** An organization's own key has served. */
  | { readonly kind: 'own-key-used'; readonly owner: KeyOwner }
  /** Its provider does not take it. */
  | { readonly kind: 'own-key-rejected'; readonly owner: KeyOwner; readonly status: number };
