DO $$
DECLARE
  tenant_table text;
BEGIN
  FOREACH tenant_table IN ARRAY ARRAY[
    'payment_profiles', 'auto_top_ups', 'top_ups', 'top_up_movements', 'invoices', 'invoice_lines', 'invoice_files'
  ] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format('CREATE POLICY tenant ON %I USING (in_organization(organization_id))', tenant_table);
  END LOOP;
END
$$;
--> statement-breakpoint
CREATE TRIGGER top_up_movements_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON top_up_movements
FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();
--> statement-breakpoint
CREATE TRIGGER invoices_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON invoices
FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();
--> statement-breakpoint
CREATE TRIGGER invoice_lines_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON invoice_lines
FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();
--> statement-breakpoint
CREATE TRIGGER invoice_files_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON invoice_files
FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();
