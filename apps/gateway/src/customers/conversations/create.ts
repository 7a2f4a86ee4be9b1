import type { MemberActor } from '../../platform/actor.ts';
import { recordDeed } from '../../platform/audit.ts';
import type { Context } from '../../platform/context.ts';
import { conversations, inTenant } from '../../platform/db/index.ts';
import type { Conversation, Metadata } from './conversation.ts';

export function createConversation(
  ctx: Context<MemberActor>,
  input: {
    readonly title?: string | null | undefined;
    readonly metadata?: Metadata | null | undefined;
  },
): Promise<Conversation> {
  const { actor } = ctx;
  const { organizationId } = actor;
  const now = new Date(ctx.clock());
  return inTenant(ctx, organizationId, async (transaction) => {
    const [stored] = await transaction
      .insert(conversations)
      .values({
        id: ctx.newId('conversation'),
        organizationId,
        userId: actor.userId ?? null,
        keyId: actor.kind === 'key' ? actor.keyId : null,
        title: input.title ?? null,
        metadata: input.metadata ?? null,
        createdAt: now,
        updatedAt: now,
      })
      .returning();
    if (stored === undefined) throw new Error('impossible: an insert without a row');
    await recordDeed(transaction, ctx, {
      action: 'conversation.create',
      subject: stored.id,
      organizationId,
    });
    return stored;
  });
}
