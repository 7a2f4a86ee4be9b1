ALTER TABLE "ledger_entries" DROP CONSTRAINT "ledger_entries_organization_id_organizations_id_fk";
--> statement-breakpoint
DROP INDEX "ledger_entries_of_organization";--> statement-breakpoint
DROP INDEX "ledger_entries_of_transfer";--> statement-breakpoint
DROP INDEX "ledger_entries_once_per_request";--> statement-breakpoint
ALTER TABLE "ledger_entries" ADD COLUMN "position" bigint NOT NULL GENERATED ALWAYS AS IDENTITY (sequence name "ledger_entries_position_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1);--> statement-breakpoint
ALTER TABLE "ledger_entries" ADD COLUMN "balance_nano" bigint;--> statement-breakpoint
CREATE INDEX "ledger_entries_of_wallet" ON "ledger_entries" USING btree ("organization_id","position") WHERE "ledger_entries"."account" = 'wallet';--> statement-breakpoint
CREATE UNIQUE INDEX "ledger_entries_once_per_request" ON "ledger_entries" USING btree ("request_id","kind") WHERE "ledger_entries"."account" = 'wallet' and "ledger_entries"."request_id" is not null;--> statement-breakpoint
ALTER TABLE "generations" ADD CONSTRAINT "generations_cost_no_less_than_nothing" CHECK ("generations"."cost_nano" >= 0);--> statement-breakpoint
-- So far a wallet has its start credit, and nothing that was used has been paid for.
SELECT set_config('sealgate.scope', 'system', true);--> statement-breakpoint
ALTER TABLE "ledger_entries" DISABLE TRIGGER "ledger_entries_append_only";--> statement-breakpoint
UPDATE "ledger_entries" SET "balance_nano" = "amount_nano" WHERE "account" = 'wallet';--> statement-breakpoint
ALTER TABLE "ledger_entries" ENABLE TRIGGER "ledger_entries_append_only";--> statement-breakpoint
WITH "charged" AS (
  SELECT "id", "organization_id", "cost_nano" FROM "generations"
  WHERE "cost_nano" > 0 AND EXISTS (SELECT FROM "wallets" WHERE "wallets"."organization_id" = "generations"."organization_id")
), "moved" AS (
  UPDATE "wallets" SET "balance_nano" = "balance_nano" - "total"
  FROM (SELECT "organization_id", sum("cost_nano") AS "total" FROM "charged" GROUP BY 1) AS "used"
  WHERE "used"."organization_id" = "wallets"."organization_id"
  RETURNING "wallets"."organization_id", "balance_nano" + "total" AS "before_nano"
)
INSERT INTO "ledger_entries" ("id", "transfer_id", "organization_id", "account", "kind", "amount_nano", "balance_nano", "request_id")
SELECT 'led_' || substr("id", 5) || left("account", 1), 'trf_' || substr("id", 5), "organization_id", "account", 'usage', "sign" * "cost_nano",
  CASE "account" WHEN 'wallet' THEN "before_nano" - sum("cost_nano") OVER (PARTITION BY "organization_id", "account" ORDER BY "id") END, "id"
FROM "charged" JOIN "moved" USING ("organization_id") CROSS JOIN (VALUES ('wallet', -1), ('revenue', 1)) AS "side" ("account", "sign")
ORDER BY "organization_id", "id";--> statement-breakpoint
ALTER TABLE "ledger_entries" ADD CONSTRAINT "ledger_entries_wallet_has_balance" CHECK (("ledger_entries"."account" = 'wallet') = ("ledger_entries"."balance_nano" is not null));