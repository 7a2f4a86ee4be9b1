import type { Context } from './context.ts';
import { auditLog, type Transaction } from './db/index.ts';

/** One deed, for the record. Never secrets or content in `details`. */
export interface Deed {
  readonly action: `${string}.${string}`;
  readonly subject: string;
  readonly organizationId: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

/** Belongs in the transaction of the deed itself. */
export async function recordDeed(
  transaction: Transaction,
  ctx: Context,
  deed: Deed,
): Promise<void> {
  await transaction.insert(auditLog).values({
    id: ctx.newId('audit'),
    actor: ctx.actor,
    createdAt: new Date(ctx.clock()),
    ...deed,
  });
}
