ALTER TABLE plan_fees ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE plan_fees FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
CREATE POLICY tenant ON plan_fees USING (in_organization(organization_id));
--> statement-breakpoint
CREATE TRIGGER plan_fees_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON plan_fees
FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();
--> statement-breakpoint
CREATE TRIGGER price_versions_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON price_versions
FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();
--> statement-breakpoint
CREATE TRIGGER price_lists_append_only BEFORE DELETE OR TRUNCATE ON price_lists
FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();
--> statement-breakpoint
-- A list can only be canceled, once, and before it takes effect.
CREATE FUNCTION refuse_rewriting_but_cancel() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.canceled_at IS NULL AND NEW.canceled_at < OLD.effective_from
    AND to_jsonb(NEW) - 'canceled_at' - 'cancel_reason' = to_jsonb(OLD) - 'canceled_at' - 'cancel_reason'
  THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$;
--> statement-breakpoint
CREATE TRIGGER price_lists_only_canceled BEFORE UPDATE ON price_lists
FOR EACH ROW EXECUTE FUNCTION refuse_rewriting_but_cancel();
--> statement-breakpoint
-- Every gateway reads the lists again.
CREATE FUNCTION announce_price_lists() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('price_lists', '');
  RETURN NULL;
END
$$;
--> statement-breakpoint
CREATE TRIGGER price_lists_announce_change AFTER INSERT OR UPDATE ON price_lists
FOR EACH STATEMENT EXECUTE FUNCTION announce_price_lists();
