import { and, desc, eq, lt } from 'drizzle-orm';
import type { MemberActor } from '../../platform/actor.ts';
import type { Context } from '../../platform/context.ts';
import { inTenant, providerKeys, type Stored } from '../../platform/db/index.ts';
import { cutPage, type Page, type PageRequest } from '../../platform/page.ts';
import type { ProviderDirectory } from './directory.ts';
import { describe, type ProviderKey } from './provider-key.ts';

/** One page, newest first. */
export function listProviderKeys(
  ctx: Context<MemberActor>,
  directory: ProviderDirectory,
  page: PageRequest,
): Promise<Page<ProviderKey>> {
  const { organizationId } = ctx.actor;
  return inTenant(ctx, organizationId, async (transaction) => {
    const rows = await transaction
      .select()
      .from(providerKeys)
      .where(
        and(
          eq(providerKeys.organizationId, organizationId),
          page.after === undefined ? undefined : lt(providerKeys.id, page.after),
        ),
      )
      .orderBy(desc(providerKeys.id))
      .limit(page.limit + 1);
    return cutPage(
      rows.map((row) => describe(ctx, directory, row)),
      page,
    );
  });
}

/** The models that the providers have listed to the organization's keys, by provider. */
export function readListedModels(
  store: Stored,
  organizationId: string,
): Promise<ReadonlyMap<string, readonly string[]>> {
  return inTenant(store, organizationId, async (transaction) => {
    const rows = await transaction
      .select({ provider: providerKeys.provider, models: providerKeys.models })
      .from(providerKeys)
      .where(eq(providerKeys.organizationId, organizationId))
      .orderBy(providerKeys.provider);
    return new Map(rows.map(({ provider, models }) => [provider, models]));
  });
}
