CREATE TABLE "routing_decisions" (
	"generation_id" text PRIMARY KEY NOT NULL,
	"organization_id" text NOT NULL,
	"key_id" text NOT NULL,
	"user_id" text,
	"decided_at" timestamp (3) with time zone NOT NULL,
	"tier" text NOT NULL,
	"preference" text,
	"policy" text NOT NULL,
	"rules" jsonb NOT NULL,
	"options" jsonb NOT NULL,
	"chosen" text NOT NULL,
	"reason" text NOT NULL,
	"model_used" text,
	"features" "bytea",
	"conversation" text,
	"signal" text,
	"is_due" boolean DEFAULT false NOT NULL
);
--> statement-breakpoint
CREATE TABLE "routing_lessons" (
	"position" bigint PRIMARY KEY NOT NULL,
	"model_id" text NOT NULL,
	"kind" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"organization_id" text,
	"generation_id" text,
	"signal" text,
	"rater" text,
	"key_id" text,
	"label" double precision,
	"weight" double precision,
	"predicted" double precision,
	"lesson" "bytea",
	"undone_by" bigint
);
--> statement-breakpoint
CREATE TABLE "routing_snapshots" (
	"position" bigint NOT NULL,
	"model_id" text NOT NULL,
	"state" "bytea" NOT NULL,
	"suspicion" double precision NOT NULL,
	"trusted_from" integer NOT NULL,
	CONSTRAINT "routing_snapshots_position_model_id_pk" PRIMARY KEY("position","model_id")
);
--> statement-breakpoint
CREATE TABLE "routing_versions" (
	"model_id" text NOT NULL,
	"version" text NOT NULL,
	"seen_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "routing_versions_model_id_version_pk" PRIMARY KEY("model_id","version")
);
--> statement-breakpoint
CREATE INDEX "routing_decisions_of_organization" ON "routing_decisions" USING btree ("organization_id","decided_at");--> statement-breakpoint
CREATE INDEX "routing_decisions_by_age" ON "routing_decisions" USING btree ("decided_at");--> statement-breakpoint
CREATE INDEX "routing_decisions_of_conversation" ON "routing_decisions" USING btree ("conversation","decided_at") WHERE "routing_decisions"."conversation" is not null;--> statement-breakpoint
CREATE INDEX "routing_decisions_due" ON "routing_decisions" USING btree ("generation_id") WHERE "routing_decisions"."is_due";--> statement-breakpoint
CREATE INDEX "routing_lessons_of_generation" ON "routing_lessons" USING btree ("generation_id","position");--> statement-breakpoint
CREATE UNIQUE INDEX "routing_lessons_in_force" ON "routing_lessons" USING btree ("generation_id") WHERE "routing_lessons"."kind" = 'learn' and "routing_lessons"."undone_by" is null;--> statement-breakpoint
CREATE INDEX "routing_lessons_of_rater" ON "routing_lessons" USING btree ("rater","created_at");--> statement-breakpoint
CREATE INDEX "routing_lessons_of_key" ON "routing_lessons" USING btree ("key_id","created_at");--> statement-breakpoint
CREATE INDEX "routing_lessons_resets" ON "routing_lessons" USING btree ("model_id","created_at") WHERE "routing_lessons"."kind" = 'reset';