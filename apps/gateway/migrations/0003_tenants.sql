-- A statement sees what its transaction's scope names (platform/db/scope.ts): one organization, one person, or everything
-- for the gateway's own work. Without a scope it sees and writes nothing. Forced, because the gateway owns its tables.
CREATE FUNCTION in_organization(organization text) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT coalesce(current_setting('sealgate.scope', true) IN ('organization:' || organization, 'system'), false)
$$;
--> statement-breakpoint
CREATE FUNCTION in_person(person text) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT coalesce(current_setting('sealgate.scope', true) IN ('user:' || person, 'system'), false)
$$;
--> statement-breakpoint
DO $$
DECLARE
  tenant_table text;
BEGIN
  FOREACH tenant_table IN ARRAY ARRAY[
    'api_keys', 'conversations', 'feedback', 'generations', 'invitations', 'ledger_entries', 'messages', 'wallets'
  ] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format('CREATE POLICY tenant ON %I USING (in_organization(organization_id))', tenant_table);
  END LOOP;
END
$$;
--> statement-breakpoint
-- People see which organizations they belong to.
ALTER TABLE memberships ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE memberships FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
CREATE POLICY tenant ON memberships USING (in_organization(organization_id));
--> statement-breakpoint
CREATE POLICY member ON memberships FOR SELECT USING (in_person(user_id));
--> statement-breakpoint
ALTER TABLE organizations ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE organizations FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
CREATE POLICY tenant ON organizations USING (in_organization(id));
--> statement-breakpoint
CREATE POLICY member ON organizations FOR SELECT
USING (EXISTS (SELECT FROM memberships WHERE organization_id = organizations.id AND in_person(user_id)));
--> statement-breakpoint
ALTER TABLE idempotency_keys ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE idempotency_keys FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
CREATE POLICY tenant ON idempotency_keys USING (in_organization(scope) OR in_person(scope));
--> statement-breakpoint
-- A deed that concerns no organization can be written from any scope.
ALTER TABLE audit_log ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE audit_log FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
CREATE POLICY tenant ON audit_log USING (in_organization(organization_id))
WITH CHECK (organization_id IS NULL OR in_organization(organization_id));
--> statement-breakpoint
-- Exactly one owner: the index refuses a second one, this refuses none. At the end of the transaction, so that an
-- organization can change hands within it.
CREATE FUNCTION require_owner() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM organizations WHERE id = OLD.organization_id AND deleted_at IS NULL)
    AND NOT EXISTS (SELECT FROM memberships WHERE organization_id = OLD.organization_id AND role = 'owner')
  THEN
    RAISE EXCEPTION 'organization % has no owner', OLD.organization_id
      USING ERRCODE = 'restrict_violation', CONSTRAINT = 'memberships_need_owner';
  END IF;
  RETURN NULL;
END
$$;
--> statement-breakpoint
CREATE CONSTRAINT TRIGGER memberships_need_owner AFTER DELETE OR UPDATE ON memberships
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.role = 'owner') EXECUTE FUNCTION require_owner();
--> statement-breakpoint
-- Of the audit log only addresses may be blanked out, when the person behind them is erased.
CREATE FUNCTION refuse_rewriting_but_address() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.address IS NULL AND to_jsonb(NEW) - 'address' = to_jsonb(OLD) - 'address' THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$;
--> statement-breakpoint
DROP TRIGGER audit_log_append_only ON audit_log;
--> statement-breakpoint
CREATE TRIGGER audit_log_append_only BEFORE DELETE OR TRUNCATE ON audit_log
FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();
--> statement-breakpoint
CREATE TRIGGER audit_log_only_forgets_addresses BEFORE UPDATE ON audit_log
FOR EACH ROW EXECUTE FUNCTION refuse_rewriting_but_address();
--> statement-breakpoint
-- As in 0001, of every column but last_used_at.
DROP TRIGGER api_keys_announce_change ON api_keys;
--> statement-breakpoint
CREATE TRIGGER api_keys_announce_change AFTER UPDATE ON api_keys FOR EACH ROW
WHEN (to_jsonb(OLD) - 'last_used_at' IS DISTINCT FROM to_jsonb(NEW) - 'last_used_at')
EXECUTE FUNCTION announce_key_change();
--> statement-breakpoint
CREATE TRIGGER api_keys_announce_end AFTER DELETE ON api_keys
FOR EACH ROW EXECUTE FUNCTION announce_key_change();
