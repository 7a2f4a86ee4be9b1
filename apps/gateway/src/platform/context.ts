import type { Clock } from './clock.ts';
import type { Db } from './db/index.ts';
import type { IdKind } from './ids.ts';

/** Who acts: a person at the command line, or Sealgate itself. */
export type Actor = 'operator' | 'system';

/** What a mutation needs from the outside. */
export interface Context {
  readonly db: Db;
  readonly clock: Clock;
  readonly newId: (kind: IdKind) => string;
  readonly actor: Actor;
}
