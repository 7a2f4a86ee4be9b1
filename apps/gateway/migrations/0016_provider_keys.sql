CREATE TABLE "provider_keys" (
	"id" text PRIMARY KEY NOT NULL,
	"organization_id" text NOT NULL,
	"provider" text NOT NULL,
	"origin" text NOT NULL,
	"label" text NOT NULL,
	"secret" "bytea" NOT NULL,
	"last_four" text NOT NULL,
	"revision" integer DEFAULT 1 NOT NULL,
	"is_fallback_allowed" boolean DEFAULT false NOT NULL,
	"models" text[] DEFAULT '{}'::text[] NOT NULL,
	"created_by" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"rotated_at" timestamp (3) with time zone,
	"last_used_at" timestamp (3) with time zone,
	"rejected_at" timestamp (3) with time zone,
	"rejected_status" integer,
	CONSTRAINT "provider_keys_one_each" UNIQUE("organization_id","provider")
);
--> statement-breakpoint
CREATE TABLE "vault_checks" (
	"name" text PRIMARY KEY NOT NULL,
	"sealed" "bytea" NOT NULL
);
--> statement-breakpoint
ALTER TABLE "provider_keys" ADD CONSTRAINT "provider_keys_organization_id_organizations_id_fk" FOREIGN KEY ("organization_id") REFERENCES "public"."organizations"("id") ON DELETE no action ON UPDATE no action;