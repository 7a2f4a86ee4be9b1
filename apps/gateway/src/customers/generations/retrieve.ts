import { and, eq } from 'drizzle-orm';
import { feedback, inTenant, priceVersions } from '../../platform/db/index.ts';
import { findGeneration, type GenerationContext, type StoredGeneration } from './find.ts';

export interface JudgedGeneration {
  readonly generation: StoredGeneration;
  readonly vote: typeof feedback.$inferSelect | undefined;
  /** By what it was charged, as it was kept. `undefined`: nothing is known of that. */
  readonly terms: unknown;
}

export async function retrieveGeneration(
  ctx: GenerationContext,
  generationId: string,
): Promise<JudgedGeneration> {
  const { organizationId } = ctx.actor;
  const generation = await findGeneration(ctx, generationId);
  return inTenant(ctx, organizationId, async (transaction) => {
    const [vote] = await transaction
      .select()
      .from(feedback)
      .where(
        and(eq(feedback.generationId, generationId), eq(feedback.organizationId, organizationId)),
      );
    const [price] = await transaction
      .select()
      .from(priceVersions)
      .where(eq(priceVersions.version, generation.priceVersion ?? ''));
    return { generation, vote, terms: price?.terms };
  });
}
