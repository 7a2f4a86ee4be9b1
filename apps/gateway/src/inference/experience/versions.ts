import { eq } from 'drizzle-orm';
import { routingVersions, type Transaction } from '../../platform/db/index.ts';
import type { Pen } from './teach.ts';

/** All versions that were ever seen, by model. */
export async function readVersions(
  transaction: Transaction,
): Promise<readonly { readonly modelId: string; readonly version: string }[]> {
  const { modelId, version } = routingVersions;
  return transaction.select({ modelId, version }).from(routingVersions);
}

/** `isFirst`: before it nothing was known of the model's versions. */
export async function insertVersion(
  { transaction, clock }: Pen,
  modelId: string,
  version: string,
): Promise<{ readonly isNew: boolean; readonly isFirst: boolean }> {
  const known = await transaction.$count(routingVersions, eq(routingVersions.modelId, modelId));
  const inserted = await transaction
    .insert(routingVersions)
    .values({ modelId, version, seenAt: new Date(clock()) })
    .onConflictDoNothing()
    .returning();
  return { isNew: inserted.length > 0, isFirst: known === 0 };
}
