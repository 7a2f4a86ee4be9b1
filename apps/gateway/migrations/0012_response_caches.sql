CREATE TABLE "cached_answers" (
	"organization_id" text NOT NULL,
	"request_digest" "bytea" NOT NULL,
	"model" text NOT NULL,
	"host_digest" "bytea" NOT NULL,
	"key_id" text NOT NULL,
	"answer" "bytea" NOT NULL,
	"byte_count" integer NOT NULL,
	"likeness_digest" "bytea",
	"vector" "bytea",
	"created_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "cached_answers_organization_id_request_digest_model_pk" PRIMARY KEY("organization_id","request_digest","model")
);
--> statement-breakpoint
ALTER TABLE "api_keys" ADD COLUMN "cache_mode" text DEFAULT 'off' NOT NULL;--> statement-breakpoint
ALTER TABLE "api_keys" ADD COLUMN "cache_scope" text DEFAULT 'key' NOT NULL;--> statement-breakpoint
ALTER TABLE "api_keys" ADD COLUMN "cache_ttl_seconds" integer DEFAULT 86400 NOT NULL;--> statement-breakpoint
ALTER TABLE "api_keys" ADD COLUMN "cache_min_similarity" double precision DEFAULT 0.8 NOT NULL;--> statement-breakpoint
ALTER TABLE "cached_answers" ADD CONSTRAINT "cached_answers_organization_id_organizations_id_fk" FOREIGN KEY ("organization_id") REFERENCES "public"."organizations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "cached_answers_alike" ON "cached_answers" USING btree ("organization_id","likeness_digest","created_at") WHERE "cached_answers"."likeness_digest" is not null;--> statement-breakpoint
CREATE INDEX "cached_answers_by_age" ON "cached_answers" USING btree ("organization_id","created_at");--> statement-breakpoint
CREATE INDEX "cached_answers_of_key" ON "cached_answers" USING btree ("key_id");--> statement-breakpoint
CREATE INDEX "cached_answers_to_purge" ON "cached_answers" USING btree ("expires_at");