import { and, desc, eq, lt } from 'drizzle-orm';
import type { MemberActor } from '../../platform/actor.ts';
import type { Context } from '../../platform/context.ts';
import { inTenant, invitations } from '../../platform/db/index.ts';
import { cutPage, type Page, type PageRequest } from '../../platform/page.ts';
import { Refusal } from '../../platform/refusal.ts';
import { seenAt, type Invitation } from './invitation.ts';

/** The newest first. */
export async function listInvitations(
  ctx: Context<MemberActor>,
  page: PageRequest,
): Promise<Page<Invitation>> {
  const { organizationId } = ctx.actor;
  const rows = await inTenant(ctx, organizationId, (transaction) =>
    transaction
      .select()
      .from(invitations)
      .where(
        and(
          eq(invitations.organizationId, organizationId),
          page.after === undefined ? undefined : lt(invitations.id, page.after),
        ),
      )
      .orderBy(desc(invitations.id))
      .limit(page.limit + 1),
  );
  return cutPage(
    rows.map((stored) => seenAt(ctx.clock(), stored)),
    page,
  );
}

export async function retrieveInvitation(
  ctx: Context<MemberActor>,
  { id }: { readonly id: string },
): Promise<Invitation> {
  const { organizationId } = ctx.actor;
  const [stored] = await inTenant(ctx, organizationId, (transaction) =>
    transaction
      .select()
      .from(invitations)
      .where(and(eq(invitations.organizationId, organizationId), eq(invitations.id, id))),
  );
  if (stored === undefined) throw new Refusal('not_found');
  return seenAt(ctx.clock(), stored);
}
