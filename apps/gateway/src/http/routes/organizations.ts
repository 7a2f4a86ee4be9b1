import { ENDPOINTS, printUsd, type Organization as PrintedOrganization } from '@sealgate/contract';
import { clearOrganizationCache } from '../../customers/keys/index.ts';
import {
  createOrganization,
  deleteOrganization,
  listOrganizations,
  updateOrganization,
  retrieveOrganization,
  transferOwnership,
  type Organization,
} from '../../customers/organizations/index.ts';
import type { AddRoute } from '../platform/add-route.ts';
import { printList } from '../platform/print-list.ts';
import { printLimit, readLimit } from './spend-limit.ts';

export function addOrganizationRoutes(addRoute: AddRoute): void {
  addRoute(ENDPOINTS.createOrganization, async (ctx, { body }) => ({
    organization: printOrganization(await createOrganization(ctx, body)),
  }));
  addRoute(ENDPOINTS.listOrganizations, async (ctx, { query }) =>
    printList(await listOrganizations(ctx, query), printOrganization),
  );
  addRoute(ENDPOINTS.retrieveOrganization, async (ctx) =>
    printOrganization(await retrieveOrganization(ctx)),
  );
  addRoute(ENDPOINTS.updateOrganization, async (ctx, { body }) =>
    printOrganization(
      await updateOrganization(ctx, {
        name: body.name,
        timeZone: body.time_zone,
        monthlySpendQuotaNano: readLimit(body.monthly_spend_quota_usd),
      }),
    ),
  );
  addRoute(ENDPOINTS.deleteOrganization, (ctx) => deleteOrganization(ctx));
  addRoute(ENDPOINTS.clearOrganizationCache, (ctx) => clearOrganizationCache(ctx));
  addRoute(ENDPOINTS.transferOwnership, async (ctx, { body }) =>
    printOrganization(await transferOwnership(ctx, { newOwnerId: body.new_owner_user_id })),
  );
}

export const printOrganization = (organization: Organization): PrintedOrganization => ({
  org_id: organization.id,
  name: organization.name,
  kind: organization.kind,
  role: organization.role,
  time_zone: organization.timeZone,
  monthly_spend_quota_usd: printLimit(organization.monthlySpendQuotaNano),
  spend_this_month_usd: printUsd(organization.spendThisMonthNano),
  created_at: organization.createdAt.toISOString(),
});
