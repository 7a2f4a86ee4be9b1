import type { Context } from './context.ts';
import type { Database } from './db/index.ts';
import { newId } from './ids.ts';
import { Secret } from './secret.ts';
import { createVault } from './vault.ts';

/** What a verb needs, as the operator at 2026-01-02 unless told otherwise. */
export function testContext(
  database: Pick<Database, 'store'>,
  changes: Partial<Context> = {},
): Context {
  return {
    store: database.store,
    clock: () => Date.UTC(2026, 0, 2),
    newId,
    vault: createVault(new Secret('master key of a test')),
    actor: { kind: 'operator' },
    ...changes,
  };
}
