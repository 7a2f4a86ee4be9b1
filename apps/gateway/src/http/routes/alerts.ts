import {
  ENDPOINTS,
  type ChangedOrganizationAlerts as PrintedChange,
  type OrganizationAlerts as PrintedAlerts,
} from '@sealgate/contract';
import {
  listOrganizationDeliveries,
  readOrganizationAlerts,
  testOrganizationAlerts,
  updateOrganizationAlerts,
  type AlertTesting,
  type ChangedOrganizationAlerts,
  type OrganizationAlerts,
} from '../../customers/billing/index.ts';
import type { AddRoute } from '../platform/add-route.ts';
import { printList } from '../platform/print-list.ts';
import { printDelivery, printTest } from './print-alert.ts';
import { printLimit, readLimit } from './spend-limit.ts';

export function addAlertRoutes(addRoute: AddRoute, testing: AlertTesting): void {
  addRoute(ENDPOINTS.readAlerts, async (ctx) => printAlerts(await readOrganizationAlerts(ctx)));
  addRoute(ENDPOINTS.updateAlerts, async (ctx, { body }) =>
    printChanged(
      await updateOrganizationAlerts(ctx, {
        webhookUrl: body.webhook_url,
        isSecretRotated: body.rotate_secret,
        thresholds: body.thresholds,
        lowBalanceAlertNano: readLimit(body.low_balance_alert_usd),
        areMailed: body.email_enabled,
      }),
    ),
  );
  addRoute(ENDPOINTS.testAlerts, async (ctx) =>
    printTest(await testOrganizationAlerts(ctx, testing)),
  );
  addRoute(ENDPOINTS.listAlertDeliveries, async (ctx, { query }) =>
    printList(await listOrganizationDeliveries(ctx, query), printDelivery),
  );
}

const printChanged = ({ alerts, signingSecret }: ChangedOrganizationAlerts): PrintedChange => ({
  ...printAlerts(alerts),
  ...(signingSecret && { signing_secret: signingSecret.reveal() }),
});

const printAlerts = (alerts: OrganizationAlerts): PrintedAlerts => ({
  webhook_url: alerts.webhookUrl,
  thresholds: [...alerts.thresholds],
  low_balance_alert_usd: printLimit(alerts.lowBalanceAlertNano),
  email_enabled: alerts.areMailed,
});
