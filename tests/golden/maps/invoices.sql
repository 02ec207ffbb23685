-- shipped
SELECT
    change_set.set_id,
    (s."company")::text AS "company",
    (s."proforma_id")::bigint AS "proposal_id",
    (s."number")::text AS "number",
    (s."name")::text AS "name",
    (s."description")::text AS "description",
    (s."contract_id")::bigint AS "contract_id",
    (s."customer_id")::bigint AS "customer_id",
    (s."currency")::text AS "currency",
    (s."payment_terms")::text AS "payment_terms",
    (s."bill_to_name")::text AS "bill_to_name",
    (s."accounting_date")::date AS "accounting_date",
    (s."confirmed_at")::timestamp with time zone AS "confirmed_at",
    (s."first_actual_id")::bigint AS "first_actual_id",
    (s."last_actual_id")::bigint AS "last_actual_id",
    (s."billable_count")::bigint AS "billable_count",
    (s."billable_hash")::numeric AS "billable_hash"
FROM dualwrite.outbox AS change_set
JOIN "operations"."proforma" AS s
    ON s.company = change_set.company
    AND s."change_set_id" = change_set.set_id
WHERE change_set.company = %(company)s::text
    AND change_set.set_id = ANY(%(set_ids)s::bigint[]);

-- measure
SELECT
    part.set_id,
    sum(part.row_count)::bigint AS row_count,
    sum(part.content_hash)::text AS content_hash,
    jsonb_agg(jsonb_build_object('rows', part.row_count, 'currency', part."currency", 'billable_count', part."billable_count") ORDER BY part."currency" COLLATE "C")::text AS totals
FROM (
    SELECT
        shipped.set_id,
        shipped."currency"::text AS "currency",
        sum(shipped."billable_count") AS "billable_count",
        count(*) AS row_count,
        sum(hash_numeric_extended(
            hash_record_extended(shipped, 0)::numeric, 0
        )) AS content_hash
    FROM (
SELECT
    change_set.set_id,
    (s."company")::text AS "company",
    (s."proforma_id")::bigint AS "proposal_id",
    (s."number")::text AS "number",
    (s."name")::text AS "name",
    (s."description")::text AS "description",
    (s."contract_id")::bigint AS "contract_id",
    (s."customer_id")::bigint AS "customer_id",
    (s."currency")::text AS "currency",
    (s."payment_terms")::text AS "payment_terms",
    (s."bill_to_name")::text AS "bill_to_name",
    (s."accounting_date")::date AS "accounting_date",
    (s."confirmed_at")::timestamp with time zone AS "confirmed_at",
    (s."first_actual_id")::bigint AS "first_actual_id",
    (s."last_actual_id")::bigint AS "last_actual_id",
    (s."billable_count")::bigint AS "billable_count",
    (s."billable_hash")::numeric AS "billable_hash"
FROM dualwrite.outbox AS change_set
JOIN "operations"."proforma" AS s
    ON s.company = change_set.company
    AND s."change_set_id" = change_set.set_id
WHERE change_set.company = %(company)s::text
    AND change_set.set_id = ANY(%(set_ids)s::bigint[])
    ) AS shipped
    GROUP BY shipped."set_id", shipped."currency"
) AS part
GROUP BY part.set_id;

-- distinct
SELECT DISTINCT
    part.name AS column,
    part.value,
    part.key
FROM (
SELECT DISTINCT "shipped"."contract_id", "shipped"."customer_id", "shipped"."currency", "shipped"."payment_terms", "shipped"."number", "shipped"."proposal_id"
FROM (
SELECT
    change_set.set_id,
    (s."company")::text AS "company",
    (s."proforma_id")::bigint AS "proposal_id",
    (s."number")::text AS "number",
    (s."name")::text AS "name",
    (s."description")::text AS "description",
    (s."contract_id")::bigint AS "contract_id",
    (s."customer_id")::bigint AS "customer_id",
    (s."currency")::text AS "currency",
    (s."payment_terms")::text AS "payment_terms",
    (s."bill_to_name")::text AS "bill_to_name",
    (s."accounting_date")::date AS "accounting_date",
    (s."confirmed_at")::timestamp with time zone AS "confirmed_at",
    (s."first_actual_id")::bigint AS "first_actual_id",
    (s."last_actual_id")::bigint AS "last_actual_id",
    (s."billable_count")::bigint AS "billable_count",
    (s."billable_hash")::numeric AS "billable_hash"
FROM dualwrite.outbox AS change_set
JOIN "operations"."proforma" AS s
    ON s.company = change_set.company
    AND s."change_set_id" = change_set.set_id
WHERE change_set.company = %(company)s::text
    AND change_set.set_id = ANY(%(set_ids)s::bigint[])
) AS shipped
) AS combination
CROSS JOIN LATERAL (VALUES ('contract_id', combination."contract_id"::text, ''), ('customer_id', combination."customer_id"::text, ''), ('currency', combination."currency"::text, ''), ('payment_terms', combination."payment_terms"::text, ''), ('number', combination."number"::text, combination."proposal_id"::text)) AS part (name, value, key)
WHERE part.value IS NOT NULL
ORDER BY 1, 2;

-- stage
CREATE TEMPORARY TABLE IF NOT EXISTS "stage_invoices_23aa8bf1" (
    set_id bigint,
    "company" text,
    "proposal_id" bigint,
    "number" text,
    "name" text,
    "description" text,
    "contract_id" bigint,
    "customer_id" bigint,
    "currency" text,
    "payment_terms" text,
    "bill_to_name" text,
    "accounting_date" date,
    "confirmed_at" timestamp with time zone,
    "first_actual_id" bigint,
    "last_actual_id" bigint,
    "billable_count" bigint,
    "billable_hash" numeric
) ON COMMIT DELETE ROWS;

-- received
SELECT
    part.set_id,
    sum(part.row_count)::bigint AS row_count,
    sum(part.content_hash)::text AS content_hash,
    jsonb_agg(jsonb_build_object('rows', part.row_count, 'currency', part."currency", 'billable_count', part."billable_count") ORDER BY part."currency" COLLATE "C")::text AS totals
FROM (
    SELECT
        shipped.set_id,
        shipped."currency"::text AS "currency",
        sum(shipped."billable_count") AS "billable_count",
        count(*) AS row_count,
        sum(hash_numeric_extended(
            hash_record_extended(shipped, 0)::numeric, 0
        )) AS content_hash
    FROM (
SELECT * FROM "pg_temp"."stage_invoices_23aa8bf1"
    ) AS shipped
    GROUP BY shipped."set_id", shipped."currency"
) AS part
GROUP BY part.set_id;

-- missing
WITH combination AS MATERIALIZED (
    SELECT DISTINCT "stage"."set_id", "stage"."company", "stage"."contract_id", "stage"."customer_id", "stage"."currency", "stage"."payment_terms"
    FROM "pg_temp"."stage_invoices_23aa8bf1" AS stage
)

SELECT DISTINCT
    combination.set_id,
    'contract_id'::text AS column,
    "combination"."contract_id"::text AS value
FROM combination
WHERE "combination"."contract_id" IS NOT NULL
    AND NOT EXISTS (SELECT FROM "finance"."contract" AS t WHERE "t".company = "combination".company AND "t"."contract_id" = "combination"."contract_id")
UNION ALL
SELECT DISTINCT
    combination.set_id,
    'customer_id'::text AS column,
    "combination"."customer_id"::text AS value
FROM combination
WHERE "combination"."customer_id" IS NOT NULL
    AND NOT EXISTS (SELECT FROM "finance"."customer" AS t WHERE "t".company = "combination".company AND "t"."customer_id" = "combination"."customer_id")
UNION ALL
SELECT DISTINCT
    combination.set_id,
    'currency'::text AS column,
    "combination"."currency"::text AS value
FROM combination
WHERE "combination"."currency" IS NOT NULL
    AND NOT EXISTS (SELECT FROM "finance"."currency" AS t WHERE "t"."currency" = "combination"."currency")
UNION ALL
SELECT DISTINCT
    combination.set_id,
    'payment_terms'::text AS column,
    "combination"."payment_terms"::text AS value
FROM combination
WHERE "combination"."payment_terms" IS NOT NULL
    AND NOT EXISTS (SELECT FROM "finance"."payment_terms" AS t WHERE "t".company = "combination".company AND "t"."payment_terms" = "combination"."payment_terms");

-- apply
INSERT INTO "finance"."proposal" AS target (
    "company",
    "proposal_id",
    "number",
    "name",
    "description",
    "contract_id",
    "customer_id",
    "currency",
    "payment_terms",
    "bill_to_name",
    "accounting_date",
    "confirmed_at",
    "first_actual_id",
    "last_actual_id",
    "billable_count",
    "billable_hash"
)
SELECT
    "stage"."company",
    "stage"."proposal_id",
    "stage"."number",
    "stage"."name",
    "stage"."description",
    "stage"."contract_id",
    "stage"."customer_id",
    "stage"."currency",
    "stage"."payment_terms",
    "stage"."bill_to_name",
    "stage"."accounting_date",
    "stage"."confirmed_at",
    "stage"."first_actual_id",
    "stage"."last_actual_id",
    "stage"."billable_count",
    "stage"."billable_hash"
FROM "pg_temp"."stage_invoices_23aa8bf1" AS stage;
