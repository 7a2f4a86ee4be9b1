import { and, eq, inArray, isNotNull } from 'drizzle-orm';
import type { Context } from '../../platform/context.ts';
import { memberships, organizations, users, type Transaction } from '../../platform/db/index.ts';
import { enqueueMails, type Mail } from '../../platform/mail/index.ts';

/** A mail to the owner and to each admin: those who can do something about it. */
export async function tellManagers(
  transaction: Transaction,
  ctx: Context,
  organizationId: string,
  contentFor: (organizationName: string) => Mail['content'],
): Promise<void> {
  const managers = await transaction
    .select({
      userId: users.id,
      to: users.email,
      locale: users.locale,
      organizationName: organizations.name,
    })
    .from(memberships)
    .innerJoin(users, eq(users.id, memberships.userId))
    .innerJoin(organizations, eq(organizations.id, memberships.organizationId))
    .where(
      and(
        eq(memberships.organizationId, organizationId),
        inArray(memberships.role, ['owner', 'admin']),
        isNotNull(users.email),
      ),
    )
    .orderBy(users.id);
  const mails = managers.flatMap(({ to, organizationName, ...reader }): Mail[] =>
    to === null ? [] : [{ ...reader, to, content: contentFor(organizationName) }],
  );
  await enqueueMails(transaction, ctx, mails);
}
