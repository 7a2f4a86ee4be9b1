/** What an operator may want to act on. `model` is missing where the whole upstream is concerned. */
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
    };
