CREATE TABLE "auto_top_ups" (
	"organization_id" text PRIMARY KEY NOT NULL,
	"is_enabled" boolean NOT NULL,
	"threshold_nano" bigint NOT NULL,
	"amount_nano" bigint NOT NULL,
	"monthly_limit_nano" bigint,
	"declines" integer DEFAULT 0 NOT NULL,
	"disabled_reason" text,
	"paused_until" timestamp (3) with time zone,
	CONSTRAINT "auto_top_ups_threshold_no_less_than_nothing" CHECK ("auto_top_ups"."threshold_nano" >= 0),
	CONSTRAINT "auto_top_ups_amount_in_cents" CHECK ("auto_top_ups"."amount_nano" > 0 and "auto_top_ups"."amount_nano" % 10000000 = 0)
);
--> statement-breakpoint
CREATE TABLE "invoice_counter" (
	"is_only" boolean PRIMARY KEY DEFAULT true NOT NULL,
	"last_number" bigint NOT NULL,
	CONSTRAINT "invoice_counter_one_row" CHECK ("invoice_counter"."is_only")
);
--> statement-breakpoint
CREATE TABLE "invoice_files" (
	"invoice_id" text PRIMARY KEY NOT NULL,
	"organization_id" text NOT NULL,
	"pdf" "bytea" NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "invoice_lines" (
	"invoice_id" text NOT NULL,
	"position" integer NOT NULL,
	"organization_id" text NOT NULL,
	"kind" text NOT NULL,
	"billing_tier" text,
	"model" text,
	"entries" bigint NOT NULL,
	"input_tokens" bigint NOT NULL,
	"output_tokens" bigint NOT NULL,
	"amount_nano" bigint NOT NULL,
	CONSTRAINT "invoice_lines_invoice_id_position_pk" PRIMARY KEY("invoice_id","position")
);
--> statement-breakpoint
CREATE TABLE "invoices" (
	"id" text PRIMARY KEY NOT NULL,
	"organization_id" text NOT NULL,
	"number" bigint NOT NULL,
	"month" text NOT NULL,
	"time_zone" text NOT NULL,
	"began_at" timestamp (3) with time zone NOT NULL,
	"ended_at" timestamp (3) with time zone NOT NULL,
	"last_position" bigint NOT NULL,
	"opening_nano" bigint NOT NULL,
	"closing_nano" bigint NOT NULL,
	"recipient_name" text NOT NULL,
	"operator_name" text NOT NULL,
	"operator_address" text[] NOT NULL,
	"issued_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "invoices_number_once" UNIQUE("number"),
	CONSTRAINT "invoices_once_per_month" UNIQUE("organization_id","month")
);
--> statement-breakpoint
CREATE TABLE "payment_profiles" (
	"organization_id" text PRIMARY KEY NOT NULL,
	"customer_id" text NOT NULL,
	"payment_method_id" text,
	"payment_method_name" text,
	"saved_by" text,
	CONSTRAINT "payment_profiles_customer_id_unique" UNIQUE("customer_id")
);
--> statement-breakpoint
CREATE TABLE "stripe_events" (
	"id" text PRIMARY KEY NOT NULL,
	"type" text NOT NULL,
	"checkout_id" text,
	"payment_id" text,
	"top_up_id" text,
	"received_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "top_up_movements" (
	"transfer_id" text PRIMARY KEY NOT NULL,
	"organization_id" text NOT NULL,
	"top_up_id" text NOT NULL,
	"kind" text NOT NULL,
	"reference" text NOT NULL,
	"amount_nano" bigint NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "top_up_movements_once" UNIQUE("kind","reference")
);
--> statement-breakpoint
CREATE TABLE "top_ups" (
	"id" text PRIMARY KEY NOT NULL,
	"organization_id" text NOT NULL,
	"kind" text NOT NULL,
	"status" text NOT NULL,
	"amount_nano" bigint NOT NULL,
	"customer_id" text,
	"idempotency_key" text,
	"request_hash" "bytea",
	"saves_payment_method" boolean DEFAULT false NOT NULL,
	"checkout_id" text,
	"checkout_url" text,
	"payment_id" text,
	"payment_method_id" text,
	"month" text,
	"attempted_at" timestamp (3) with time zone,
	"decline_code" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"ended_at" timestamp (3) with time zone,
	CONSTRAINT "top_ups_checkout_id_unique" UNIQUE("checkout_id"),
	CONSTRAINT "top_ups_payment_id_unique" UNIQUE("payment_id"),
	CONSTRAINT "top_ups_once_per_key" UNIQUE("organization_id","idempotency_key"),
	CONSTRAINT "top_ups_amount_in_cents" CHECK ("top_ups"."amount_nano" > 0 and "top_ups"."amount_nano" % 10000000 = 0)
);
--> statement-breakpoint
ALTER TABLE "auto_top_ups" ADD CONSTRAINT "auto_top_ups_organization_id_organizations_id_fk" FOREIGN KEY ("organization_id") REFERENCES "public"."organizations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "invoice_files" ADD CONSTRAINT "invoice_files_invoice_id_invoices_id_fk" FOREIGN KEY ("invoice_id") REFERENCES "public"."invoices"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "invoice_lines" ADD CONSTRAINT "invoice_lines_invoice_id_invoices_id_fk" FOREIGN KEY ("invoice_id") REFERENCES "public"."invoices"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "invoices" ADD CONSTRAINT "invoices_organization_id_organizations_id_fk" FOREIGN KEY ("organization_id") REFERENCES "public"."organizations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "payment_profiles" ADD CONSTRAINT "payment_profiles_organization_id_organizations_id_fk" FOREIGN KEY ("organization_id") REFERENCES "public"."organizations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "top_up_movements" ADD CONSTRAINT "top_up_movements_top_up_id_top_ups_id_fk" FOREIGN KEY ("top_up_id") REFERENCES "public"."top_ups"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "top_ups" ADD CONSTRAINT "top_ups_organization_id_organizations_id_fk" FOREIGN KEY ("organization_id") REFERENCES "public"."organizations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "stripe_events_to_purge" ON "stripe_events" USING btree ("received_at");--> statement-breakpoint
CREATE INDEX "top_up_movements_of_top_up" ON "top_up_movements" USING btree ("top_up_id");--> statement-breakpoint
CREATE UNIQUE INDEX "top_ups_one_automatic_running" ON "top_ups" USING btree ("organization_id") WHERE "top_ups"."kind" = 'automatic' and "top_ups"."status" in ('opening', 'processing');--> statement-breakpoint
CREATE INDEX "top_ups_of_month" ON "top_ups" USING btree ("organization_id","month");