CREATE TABLE "plan_fees" (
	"organization_id" text NOT NULL,
	"plan_id" text NOT NULL,
	"month" text NOT NULL,
	"monthly_fee_nano" bigint NOT NULL,
	"amount_nano" bigint NOT NULL,
	"days" integer NOT NULL,
	"days_of_month" integer NOT NULL,
	"transfer_id" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "plan_fees_organization_id_plan_id_month_pk" PRIMARY KEY("organization_id","plan_id","month")
);
--> statement-breakpoint
CREATE TABLE "price_lists" (
	"id" text PRIMARY KEY NOT NULL,
	"effective_from" timestamp (3) with time zone NOT NULL,
	"content" jsonb NOT NULL,
	"reason" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"canceled_at" timestamp (3) with time zone,
	"cancel_reason" text
);
--> statement-breakpoint
CREATE TABLE "price_versions" (
	"version" text PRIMARY KEY NOT NULL,
	"terms" jsonb NOT NULL,
	"first_used_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "organizations" ADD COLUMN "plan_id" text DEFAULT 'pay-as-you-go' NOT NULL;--> statement-breakpoint
ALTER TABLE "organizations" ADD COLUMN "next_plan_id" text;--> statement-breakpoint
ALTER TABLE "organizations" ADD COLUMN "next_plan_month" text;--> statement-breakpoint
ALTER TABLE "plan_fees" ADD CONSTRAINT "plan_fees_organization_id_organizations_id_fk" FOREIGN KEY ("organization_id") REFERENCES "public"."organizations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "price_lists_one_for_each_moment" ON "price_lists" USING btree ("effective_from") WHERE "price_lists"."canceled_at" is null;--> statement-breakpoint
CREATE INDEX "organizations_on_plan" ON "organizations" USING btree ("plan_id") WHERE "organizations"."plan_id" <> 'pay-as-you-go';--> statement-breakpoint
ALTER TABLE "organizations" ADD CONSTRAINT "organizations_next_plan_has_month" CHECK (("organizations"."next_plan_id" is null) = ("organizations"."next_plan_month" is null));