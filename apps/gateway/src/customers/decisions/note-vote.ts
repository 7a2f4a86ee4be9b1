import { and, eq } from 'drizzle-orm';
import { routingDecisions, type Transaction } from '../../platform/db/index.ts';

/** Somebody has voted on this generation, for the first time or otherwise than before: there is something to learn. */
export async function noteVote(
  transaction: Transaction,
  generation: { readonly organizationId: string; readonly generationId: string },
): Promise<void> {
  await transaction
    .update(routingDecisions)
    .set({ isDue: true })
    .where(
      and(
        eq(routingDecisions.generationId, generation.generationId),
        eq(routingDecisions.organizationId, generation.organizationId),
      ),
    );
}
