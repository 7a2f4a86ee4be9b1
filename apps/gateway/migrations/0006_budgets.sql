CREATE TABLE "budget_leases" (
	"id" text PRIMARY KEY NOT NULL,
	"organization_id" text NOT NULL,
	"instance_id" text NOT NULL,
	"key_id" text NOT NULL,
	"user_id" text,
	"month" text NOT NULL,
	"outstanding_nano" bigint NOT NULL,
	"is_exact" boolean NOT NULL,
	CONSTRAINT "budget_leases_outstanding_no_less_than_nothing" CHECK ("budget_leases"."outstanding_nano" >= 0)
);
--> statement-breakpoint
CREATE TABLE "budgets" (
	"organization_id" text NOT NULL,
	"scope" text NOT NULL,
	"subject" text NOT NULL,
	"month" text NOT NULL,
	"spent_nano" bigint DEFAULT 0 NOT NULL,
	"held_nano" bigint DEFAULT 0 NOT NULL,
	CONSTRAINT "budgets_organization_id_month_scope_subject_pk" PRIMARY KEY("organization_id","month","scope","subject"),
	CONSTRAINT "budgets_held_no_less_than_nothing" CHECK ("budgets"."held_nano" >= 0)
);
--> statement-breakpoint
CREATE TABLE "gateway_instances" (
	"id" text PRIMARY KEY NOT NULL,
	"directory_id" text NOT NULL,
	"started_at" timestamp (3) with time zone NOT NULL,
	"seen_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "generations" ADD COLUMN "user_id" text;--> statement-breakpoint
ALTER TABLE "generations" ADD COLUMN "month" text;--> statement-breakpoint
ALTER TABLE "generations" ADD COLUMN "written_off_nano" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "generations" ADD COLUMN "price_version" text;--> statement-breakpoint
ALTER TABLE "generations" ADD COLUMN "cache" text DEFAULT 'miss' NOT NULL;--> statement-breakpoint
ALTER TABLE "memberships" ADD COLUMN "monthly_spend_quota_nano" bigint;--> statement-breakpoint
ALTER TABLE "organizations" ADD COLUMN "monthly_spend_quota_nano" bigint;--> statement-breakpoint
ALTER TABLE "wallets" ADD COLUMN "held_nano" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
CREATE INDEX "budget_leases_of_organization" ON "budget_leases" USING btree ("organization_id");--> statement-breakpoint
CREATE INDEX "budget_leases_of_instance" ON "budget_leases" USING btree ("instance_id");