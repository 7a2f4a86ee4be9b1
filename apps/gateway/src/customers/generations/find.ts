import { and, eq } from 'drizzle-orm';
import type { MemberActor } from '../../platform/actor.ts';
import type { Context } from '../../platform/context.ts';
import { generations, inTenant } from '../../platform/db/index.ts';
import { Refusal } from '../../platform/refusal.ts';

export type StoredGeneration = typeof generations.$inferSelect;

export interface GenerationContext extends Context<MemberActor> {
  /** Resolves when what the usage journals hold now is in the database. */
  readonly flushUsage: () => Promise<void>;
}

/** Of the actor's organization. One that has just ended may not be in the database yet: then it is worth a second look. */
export async function findGeneration(
  ctx: GenerationContext,
  generationId: string,
): Promise<StoredGeneration> {
  const found = await read(ctx, generationId);
  if (found !== undefined) return found;
  await ctx.flushUsage();
  const arrived = await read(ctx, generationId);
  if (arrived === undefined) throw new Refusal('not_found');
  return arrived;
}

async function read(ctx: GenerationContext, id: string): Promise<StoredGeneration | undefined> {
  const { organizationId } = ctx.actor;
  const [stored] = await inTenant(ctx, organizationId, (transaction) =>
    transaction
      .select()
      .from(generations)
      .where(and(eq(generations.id, id), eq(generations.organizationId, organizationId))),
  );
  return stored;
}
