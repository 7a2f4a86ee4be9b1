ALTER TABLE "api_keys" ADD COLUMN "previous_secret_hash" "bytea";--> statement-breakpoint
ALTER TABLE "api_keys" ADD COLUMN "previous_secret_ends_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "api_keys" DROP COLUMN "rotated_from";--> statement-breakpoint
ALTER TABLE "api_keys" ADD CONSTRAINT "api_keys_previous_secret_hash_unique" UNIQUE("previous_secret_hash");--> statement-breakpoint
-- A key in its grace answers to two secrets: both are forgotten.
CREATE OR REPLACE FUNCTION announce_key_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('key_changed', encode(OLD.secret_hash, 'hex'));
  IF OLD.previous_secret_hash IS NOT NULL THEN
    PERFORM pg_notify('key_changed', encode(OLD.previous_secret_hash, 'hex'));
  END IF;
  RETURN NULL;
END
$$;
