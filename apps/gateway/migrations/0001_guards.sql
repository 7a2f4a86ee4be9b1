-- History is append-only: even a mistaken statement cannot rewrite it.
CREATE FUNCTION refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$;
--> statement-breakpoint
CREATE TRIGGER ledger_entries_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_entries
FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();
--> statement-breakpoint
CREATE TRIGGER audit_log_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log
FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();
--> statement-breakpoint
-- Every gateway forgets what it remembers about a key as soon as anything but last_used_at changes.
CREATE FUNCTION announce_key_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('key_changed', encode(OLD.secret_hash, 'hex'));
  RETURN NULL;
END
$$;
--> statement-breakpoint
CREATE TRIGGER api_keys_announce_change
AFTER DELETE OR UPDATE OF organization_id, name, secret_hash, rate_limit_rpm, allowed_models, expires_at, revoked_at
ON api_keys FOR EACH ROW EXECUTE FUNCTION announce_key_change();
