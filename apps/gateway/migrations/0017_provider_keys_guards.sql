ALTER TABLE provider_keys ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE provider_keys FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
CREATE POLICY tenant ON provider_keys USING (in_organization(organization_id));
--> statement-breakpoint
-- API keys carry their organization's provider keys with them: what is remembered of them is forgotten.
CREATE FUNCTION announce_provider_key_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  changed text;
BEGIN
  changed := CASE TG_OP WHEN 'DELETE' THEN OLD.organization_id ELSE NEW.organization_id END;
  PERFORM pg_notify('key_changed', encode(secret, 'hex'))
  FROM api_keys CROSS JOIN LATERAL (VALUES (secret_hash), (previous_secret_hash)) AS secrets (secret)
  WHERE organization_id = changed AND secret IS NOT NULL;
  RETURN NULL;
END
$$;
--> statement-breakpoint
CREATE TRIGGER provider_keys_announce AFTER INSERT OR DELETE ON provider_keys
FOR EACH ROW EXECUTE FUNCTION announce_provider_key_change();
--> statement-breakpoint
-- Not when it was noted that a key was used or refused.
CREATE TRIGGER provider_keys_announce_change AFTER UPDATE ON provider_keys FOR EACH ROW
WHEN (
  to_jsonb(OLD) - '{last_used_at,rejected_at,rejected_status,label,models}'::text[]
  IS DISTINCT FROM to_jsonb(NEW) - '{last_used_at,rejected_at,rejected_status,label,models}'::text[]
) EXECUTE FUNCTION announce_provider_key_change();
