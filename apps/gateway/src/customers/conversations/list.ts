import { and, desc, eq, lt } from 'drizzle-orm';
import type { MemberActor } from '../../platform/actor.ts';
import type { Context } from '../../platform/context.ts';
import { conversations, inTenant } from '../../platform/db/index.ts';
import { cutPage, type Page, type PageRequest } from '../../platform/page.ts';
import type { Conversation } from './conversation.ts';

/** The newest first. */
export async function listConversations(
  ctx: Context<MemberActor>,
  page: PageRequest,
): Promise<Page<Conversation>> {
  const { organizationId } = ctx.actor;
  const rows = await inTenant(ctx, organizationId, (transaction) =>
    transaction
      .select()
      .from(conversations)
      .where(
        and(
          eq(conversations.organizationId, organizationId),
          page.after === undefined ? undefined : lt(conversations.id, page.after),
        ),
      )
      .orderBy(desc(conversations.id))
      .limit(page.limit + 1),
  );
  return cutPage(rows, page);
}
