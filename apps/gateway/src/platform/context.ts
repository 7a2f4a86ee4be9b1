import type { Actor } from './actor.ts';
import type { Clock } from './clock.ts';
import type { Stored } from './db/index.ts';
import type { IdKind } from './ids.ts';
import type { Vault } from './vault.ts';

/** What a verb needs from the outside. */
export interface Context<Who extends Actor = Actor> extends Stored {
  readonly clock: Clock;
  readonly newId: (kind: IdKind) => string;
  readonly vault: Vault;
  readonly actor: Who;
  /** Where the request came from; nothing for what the machine itself does. */
  readonly address?: string | undefined;
}
