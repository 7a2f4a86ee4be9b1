import { and, eq } from 'drizzle-orm';
import { feedback, inTenant } from '../../platform/db/index.ts';
import { findGeneration, type GenerationContext, type StoredGeneration } from './find.ts';

export interface JudgedGeneration {
  readonly generation: StoredGeneration;
  readonly vote: typeof feedback.$inferSelect | undefined;
}

export async function retrieveGeneration(
  ctx: GenerationContext,
  generationId: string,
): Promise<JudgedGeneration> {
  const { organizationId } = ctx.actor;
  const generation = await findGeneration(ctx, generationId);
  const [vote] = await inTenant(ctx, organizationId, (transaction) =>
    transaction
      .select()
      .from(feedback)
      .where(
        and(eq(feedback.generationId, generationId), eq(feedback.organizationId, organizationId)),
      ),
  );
  return { generation, vote };
}
