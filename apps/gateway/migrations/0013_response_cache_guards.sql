ALTER TABLE cached_answers ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE cached_answers FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
CREATE POLICY tenant ON cached_answers USING (in_organization(organization_id));
--> statement-breakpoint
-- Kept answers are deleted before their time, and every gateway forgets what it has of these organizations in memory. The
-- scope of the caller holds here too: rows of others are not there.
CREATE FUNCTION forget_cached_answers(organizations text[], keys text[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM cached_answers WHERE organization_id = ANY (organizations);
  DELETE FROM cached_answers WHERE key_id = ANY (keys);
  PERFORM pg_notify('cached_answers_forgotten', organization)
  FROM (
    SELECT unnest(organizations) UNION SELECT organization_id FROM api_keys WHERE id = ANY (keys)
  ) AS concerned (organization);
END
$$;
