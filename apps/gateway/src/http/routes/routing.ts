import { ENDPOINTS } from '@sealgate/contract';
import { readInsight } from '../../inference/insight/index.ts';
import type { AddRoute } from '../platform/add-route.ts';
import { printInsight } from './print-insight.ts';

export function addRoutingRoutes(addRoute: AddRoute): void {
  addRoute(ENDPOINTS.readRoutingInsight, async (ctx, { query }) =>
    printInsight(await readInsight(ctx, { days: query.days, tier: query.tier })),
  );
}
