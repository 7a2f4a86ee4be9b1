DO $$
DECLARE
  tenant_table text;
BEGIN
  FOREACH tenant_table IN ARRAY ARRAY['budgets', 'budget_leases'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format('CREATE POLICY tenant ON %I USING (in_organization(organization_id))', tenant_table);
  END LOOP;
END
$$;
--> statement-breakpoint
-- What was used so far counts in the month it began in, where the organization is.
SELECT set_config('sealgate.scope', 'system', true);
--> statement-breakpoint
UPDATE generations SET month = to_char(started_at AT TIME ZONE time_zone, 'YYYY-MM')
FROM organizations WHERE organizations.id = organization_id;
--> statement-breakpoint
UPDATE generations SET user_id = created_by
FROM api_keys WHERE api_keys.id = key_id AND api_keys.organization_id = generations.organization_id;
--> statement-breakpoint
INSERT INTO budgets (organization_id, scope, subject, month, spent_nano)
SELECT organization_id, scope, subject, month, sum(cost_nano)
FROM generations CROSS JOIN LATERAL (
  VALUES ('organization', organization_id), ('member', user_id), ('key', key_id)
) AS counted (scope, subject)
WHERE month IS NOT NULL AND subject IS NOT NULL AND cost_nano > 0
GROUP BY organization_id, scope, subject, month;
--> statement-breakpoint
-- Another limit: whoever has set more aside than running requests need gives it back, and the limit is asked for anew.
CREATE FUNCTION announce_limit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('budget', 'wanted ' || NEW.organization_id);
  RETURN NULL;
END
$$;
--> statement-breakpoint
CREATE TRIGGER api_keys_announce_limit AFTER UPDATE OF monthly_spend_cap_nano ON api_keys FOR EACH ROW
WHEN (OLD.monthly_spend_cap_nano IS DISTINCT FROM NEW.monthly_spend_cap_nano) EXECUTE FUNCTION announce_limit_change();
--> statement-breakpoint
CREATE TRIGGER memberships_announce_limit AFTER UPDATE OF monthly_spend_quota_nano ON memberships FOR EACH ROW
WHEN (OLD.monthly_spend_quota_nano IS DISTINCT FROM NEW.monthly_spend_quota_nano) EXECUTE FUNCTION announce_limit_change();
--> statement-breakpoint
-- Keys carry their organization's time zone and limits with them: what is remembered of them is forgotten.
CREATE FUNCTION announce_organization_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('budget', 'wanted ' || NEW.id);
  PERFORM pg_notify('key_changed', encode(secret, 'hex'))
  FROM api_keys CROSS JOIN LATERAL (VALUES (secret_hash), (previous_secret_hash)) AS secrets (secret)
  WHERE organization_id = NEW.id AND secret IS NOT NULL;
  RETURN NULL;
END
$$;
--> statement-breakpoint
CREATE TRIGGER organizations_announce_change AFTER UPDATE ON organizations FOR EACH ROW
WHEN (to_jsonb(OLD) - 'name' IS DISTINCT FROM to_jsonb(NEW) - 'name') EXECUTE FUNCTION announce_organization_change();
