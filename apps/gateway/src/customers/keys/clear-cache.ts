import { sql } from 'drizzle-orm';
import type { MemberActor } from '../../platform/actor.ts';
import { recordDeed } from '../../platform/audit.ts';
import type { Context } from '../../platform/context.ts';
import { inTenant } from '../../platform/db/index.ts';
import { takeKey } from './authority.ts';
import type { KeyReference } from './key.ts';

/** Every gateway forgets what this key has kept. */
export function clearKeyCache(ctx: Context, reference: KeyReference): Promise<void> {
  return inTenant(ctx, reference.organizationId, async (transaction) => {
    const { id: subject, organizationId } = await takeKey(transaction, ctx, reference);
    await transaction.execute(
      sql`select forget_cached_answers('{}', ${sql.param([subject])}::text[])`,
    );
    await recordDeed(transaction, ctx, { action: 'key.clear_cache', subject, organizationId });
  });
}

/** The same for all keys of the organization. */
export function clearOrganizationCache(ctx: Context<MemberActor>): Promise<void> {
  const { organizationId } = ctx.actor;
  return inTenant(ctx, organizationId, async (transaction) => {
    await transaction.execute(
      sql`select forget_cached_answers(${sql.param([organizationId])}::text[], '{}')`,
    );
    await recordDeed(transaction, ctx, {
      action: 'organization.clear_cache',
      subject: organizationId,
      organizationId,
    });
  });
}
