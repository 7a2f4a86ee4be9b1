import { idOf } from './actor.ts';
import type { Context } from './context.ts';
import { auditLog, type Transaction } from './db/index.ts';

/** One deed, for the record. Never secrets, content, names or e-mail addresses in `details`: the record stays. */
export interface Deed {
  readonly action: `${string}.${string}`;
  readonly subject: string;
  /** `null`: it concerns an account and no organization. */
  readonly organizationId: string | null;
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
    actorKind: ctx.actor.kind,
    actorId: idOf(ctx.actor),
    address: ctx.address ?? null,
    createdAt: new Date(ctx.clock()),
    ...deed,
  });
}
