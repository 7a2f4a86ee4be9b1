CREATE TABLE "alert_deliveries" (
	"id" text PRIMARY KEY NOT NULL,
	"organization_id" text NOT NULL,
	"key_id" text,
	"message_id" text NOT NULL,
	"type" text NOT NULL,
	"attempt" integer NOT NULL,
	"outcome" text NOT NULL,
	"status" integer,
	"duration_ms" integer,
	"attempted_at" timestamp (3) with time zone NOT NULL,
	"next_attempt_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "alert_messages" (
	"id" text PRIMARY KEY NOT NULL,
	"organization_id" text NOT NULL,
	"key_id" text,
	"type" text NOT NULL,
	"body" text NOT NULL,
	"state" text DEFAULT 'pending' NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"next_attempt_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "alerts" (
	"id" text PRIMARY KEY NOT NULL,
	"organization_id" text NOT NULL,
	"scope" text NOT NULL,
	"subject" text NOT NULL,
	"month" text,
	"threshold" integer,
	"amount_nano" bigint NOT NULL,
	"limit_nano" bigint NOT NULL,
	"raised_at" timestamp (3) with time zone NOT NULL,
	"rearmed_at" timestamp (3) with time zone,
	CONSTRAINT "alerts_of_a_wallet_or_of_a_month" CHECK (("alerts"."scope" = 'wallet') = ("alerts"."month" is null) and ("alerts"."scope" = 'wallet') = ("alerts"."threshold" is null))
);
--> statement-breakpoint
ALTER TABLE "api_keys" ADD COLUMN "alert_webhook_previous_secret" "bytea";--> statement-breakpoint
ALTER TABLE "api_keys" ADD COLUMN "alert_webhook_previous_secret_ends_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "organizations" ADD COLUMN "alert_webhook_url" text;--> statement-breakpoint
ALTER TABLE "organizations" ADD COLUMN "alert_webhook_secret" "bytea";--> statement-breakpoint
ALTER TABLE "organizations" ADD COLUMN "alert_webhook_previous_secret" "bytea";--> statement-breakpoint
ALTER TABLE "organizations" ADD COLUMN "alert_webhook_previous_secret_ends_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "organizations" ADD COLUMN "alert_thresholds" integer[] DEFAULT '{50,80,100}'::integer[] NOT NULL;--> statement-breakpoint
ALTER TABLE "organizations" ADD COLUMN "low_balance_alert_nano" bigint;--> statement-breakpoint
ALTER TABLE "organizations" ADD COLUMN "are_alerts_mailed" boolean DEFAULT true NOT NULL;--> statement-breakpoint
CREATE INDEX "alert_deliveries_of_webhook" ON "alert_deliveries" USING btree ("organization_id","key_id","id");--> statement-breakpoint
CREATE INDEX "alert_deliveries_to_purge" ON "alert_deliveries" USING btree ("attempted_at");--> statement-breakpoint
CREATE INDEX "alert_messages_to_send" ON "alert_messages" USING btree ("next_attempt_at") WHERE "alert_messages"."state" = 'pending';--> statement-breakpoint
CREATE INDEX "alert_messages_to_purge" ON "alert_messages" USING btree ("created_at");--> statement-breakpoint
CREATE UNIQUE INDEX "alerts_once_a_month" ON "alerts" USING btree ("organization_id","month","scope","subject","threshold") WHERE "alerts"."scope" <> 'wallet';--> statement-breakpoint
CREATE UNIQUE INDEX "alerts_one_low_balance" ON "alerts" USING btree ("organization_id") WHERE "alerts"."scope" = 'wallet' and "alerts"."rearmed_at" is null;--> statement-breakpoint
CREATE INDEX "alerts_to_purge" ON "alerts" USING btree ("raised_at");