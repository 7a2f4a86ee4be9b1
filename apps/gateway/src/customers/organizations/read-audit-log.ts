import { and, desc, eq, lt } from 'drizzle-orm';
import type { MemberActor } from '../../platform/actor.ts';
import type { Context } from '../../platform/context.ts';
import { auditLog, inTenant } from '../../platform/db/index.ts';
import { cutPage, type Page, type PageRequest } from '../../platform/page.ts';

export type AuditEntry = typeof auditLog.$inferSelect;

/** The newest first. */
export async function readAuditLog(
  ctx: Context<MemberActor>,
  page: PageRequest,
): Promise<Page<AuditEntry>> {
  const { organizationId } = ctx.actor;
  const rows = await inTenant(ctx, organizationId, (transaction) =>
    transaction
      .select()
      .from(auditLog)
      .where(
        and(
          eq(auditLog.organizationId, organizationId),
          page.after === undefined ? undefined : lt(auditLog.id, page.after),
        ),
      )
      .orderBy(desc(auditLog.id))
      .limit(page.limit + 1),
  );
  return cutPage(rows, page);
}
