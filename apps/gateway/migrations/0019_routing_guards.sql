DO $$
DECLARE
  tenant_table text;
BEGIN
  FOREACH tenant_table IN ARRAY ARRAY['routing_decisions', 'routing_lessons'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format('CREATE POLICY tenant ON %I USING (in_organization(organization_id))', tenant_table);
  END LOOP;
  -- They are of the installation: what all organizations' votes have taught together.
  FOREACH tenant_table IN ARRAY ARRAY['routing_snapshots', 'routing_versions'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format('CREATE POLICY system ON %I USING (in_organization(NULL))', tenant_table);
  END LOOP;
END
$$;
