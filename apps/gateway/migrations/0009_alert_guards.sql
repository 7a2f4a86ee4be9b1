DO $$
DECLARE
  tenant_table text;
BEGIN
  FOREACH tenant_table IN ARRAY ARRAY['alerts', 'alert_messages', 'alert_deliveries'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format('CREATE POLICY tenant ON %I USING (in_organization(organization_id))', tenant_table);
  END LOOP;
END
$$;
--> statement-breakpoint
-- People see what their organizations have spent in the list of them.
CREATE POLICY member ON budgets FOR SELECT USING (
  scope = 'organization'
  AND EXISTS (SELECT FROM memberships WHERE memberships.organization_id = budgets.organization_id AND in_person(user_id))
);
--> statement-breakpoint
-- As in 0007, of every column that keys carry with them: where alerts go is none of those.
DROP TRIGGER organizations_announce_change ON organizations;
--> statement-breakpoint
CREATE TRIGGER organizations_announce_change AFTER UPDATE ON organizations FOR EACH ROW
WHEN (
  to_jsonb(OLD) - '{name,alert_webhook_url,alert_webhook_secret,alert_webhook_previous_secret,alert_webhook_previous_secret_ends_at,alert_thresholds,low_balance_alert_nano,are_alerts_mailed}'::text[]
  IS DISTINCT FROM
  to_jsonb(NEW) - '{name,alert_webhook_url,alert_webhook_secret,alert_webhook_previous_secret,alert_webhook_previous_secret_ends_at,alert_thresholds,low_balance_alert_nano,are_alerts_mailed}'::text[]
) EXECUTE FUNCTION announce_organization_change();
