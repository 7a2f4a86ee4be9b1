import { sql } from 'drizzle-orm';
import { recordDeed } from '../../platform/audit.ts';
import { feedback, inTenant } from '../../platform/db/index.ts';
import { noteVote } from '../decisions/index.ts';
import { findGeneration, type GenerationContext } from '../generations/index.ts';

export type Vote = typeof feedback.$inferSelect;

export interface VoteToGive {
  readonly generationId: string;
  readonly rating: 1 | -1;
  readonly comment?: string | null | undefined;
  readonly tags?: readonly string[] | undefined;
}

/** Heard by whoever learns from votes; says the generation's id. */
export const FEEDBACK_CHANNEL = 'feedback_given';

/** The latest vote on a generation replaces the one before as a whole, whoever of the organization gave it. */
export async function submitFeedback(ctx: GenerationContext, vote: VoteToGive): Promise<Vote> {
  const { actor } = ctx;
  const { organizationId } = actor;
  const { id: generationId } = await findGeneration(ctx, vote.generationId);
  const now = new Date(ctx.clock());
  const latest = {
    userId: actor.userId ?? null,
    keyId: actor.kind === 'key' ? actor.keyId : null,
    rating: vote.rating,
    comment: vote.comment ?? null,
    tags: [...new Set(vote.tags)],
    updatedAt: now,
  };
  return inTenant(ctx, organizationId, async (transaction) => {
    const id = ctx.newId('feedback');
    const [stored] = await transaction
      .insert(feedback)
      .values({ id, organizationId, generationId, createdAt: now, ...latest })
      .onConflictDoUpdate({ target: feedback.generationId, set: latest })
      .returning();
    if (stored === undefined) throw new Error('impossible: an insert without a row');
    await recordDeed(transaction, ctx, {
      action: 'feedback.submit',
      subject: generationId,
      organizationId,
      details: { rating: vote.rating },
    });
    await noteVote(transaction, { organizationId, generationId });
    // Sent at the commit, so whoever hears it finds the row.
    await transaction.execute(sql`select pg_notify(${FEEDBACK_CHANNEL}, ${generationId})`);
    return stored;
  });
}
