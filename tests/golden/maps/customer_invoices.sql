-- shipped
SELECT
    change_set.set_id,
    (s."company")::text AS "company",
    (s."proposal_id")::bigint AS "proforma_id",
    (s."invoice_number")::text AS "invoice_number",
    (s."invoice_date")::date AS "invoice_date",
    (s."due_date")::date AS "due_date",
    (s."voucher")::text AS "voucher",
    (s."tax_amount")::numeric(19,4) AS "tax_amount",
    (s."total_amount")::numeric(19,4) AS "total_amount"
FROM dualwrite.outbox AS change_set
JOIN "finance"."customer_invoice" AS s
    ON s.company = change_set.company
    AND s."change_set_id" = change_set.set_id
WHERE change_set.company = %(company)s::text
    AND change_set.set_id = ANY(%(set_ids)s::bigint[]);

-- measure
SELECT
    part.set_id,
    sum(part.row_count)::bigint AS row_count,
    sum(part.content_hash)::text AS content_hash,
    jsonb_agg(jsonb_build_object('rows', part.row_count, 'tax_amount', part."tax_amount", 'total_amount', part."total_amount") ORDER BY part.set_id)::text AS totals
FROM (
    SELECT
        shipped.set_id,
        sum(shipped."tax_amount") AS "tax_amount",
        sum(shipped."total_amount") AS "total_amount",
        count(*) AS row_count,
        sum(hash_numeric_extended(
            hash_record_extended(shipped, 0)::numeric, 0
        )) AS content_hash
    FROM (
SELECT
    change_set.set_id,
    (s."company")::text AS "company",
    (s."proposal_id")::bigint AS "proforma_id",
    (s."invoice_number")::text AS "invoice_number",
    (s."invoice_date")::date AS "invoice_date",
    (s."due_date")::date AS "due_date",
    (s."voucher")::text AS "voucher",
    (s."tax_amount")::numeric(19,4) AS "tax_amount",
    (s."total_amount")::numeric(19,4) AS "total_amount"
FROM dualwrite.outbox AS change_set
JOIN "finance"."customer_invoice" AS s
    ON s.company = change_set.company
    AND s."change_set_id" = change_set.set_id
WHERE change_set.company = %(company)s::text
    AND change_set.set_id = ANY(%(set_ids)s::bigint[])
    ) AS shipped
    GROUP BY shipped."set_id"
) AS part
GROUP BY part.set_id;

-- distinct
SELECT DISTINCT
    part.name AS column,
    part.value,
    part.key
FROM (
SELECT DISTINCT "shipped"."proforma_id"
FROM (
SELECT
    change_set.set_id,
    (s."company")::text AS "company",
    (s."proposal_id")::bigint AS "proforma_id",
    (s."invoice_number")::text AS "invoice_number",
    (s."invoice_date")::date AS "invoice_date",
    (s."due_date")::date AS "due_date",
    (s."voucher")::text AS "voucher",
    (s."tax_amount")::numeric(19,4) AS "tax_amount",
    (s."total_amount")::numeric(19,4) AS "total_amount"
FROM dualwrite.outbox AS change_set
JOIN "finance"."customer_invoice" AS s
    ON s.company = change_set.company
    AND s."change_set_id" = change_set.set_id
WHERE change_set.company = %(company)s::text
    AND change_set.set_id = ANY(%(set_ids)s::bigint[])
) AS shipped
) AS combination
CROSS JOIN LATERAL (VALUES ('proforma_id', combination."proforma_id"::text, '')) AS part (name, value, key)
WHERE part.value IS NOT NULL
ORDER BY 1, 2;

-- stage
CREATE TEMPORARY TABLE IF NOT EXISTS "stage_customer_invoices_ee275943" (
    set_id bigint,
    "company" text,
    "proforma_id" bigint,
    "invoice_number" text,
    "invoice_date" date,
    "due_date" date,
    "voucher" text,
    "tax_amount" numeric(19,4),
    "total_amount" numeric(19,4)
) ON COMMIT DELETE ROWS;

-- received
SELECT
    part.set_id,
    sum(part.row_count)::bigint AS row_count,
    sum(part.content_hash)::text AS content_hash,
    jsonb_agg(jsonb_build_object('rows', part.row_count, 'tax_amount', part."tax_amount", 'total_amount', part."total_amount") ORDER BY part.set_id)::text AS totals
FROM (
    SELECT
        shipped.set_id,
        sum(shipped."tax_amount") AS "tax_amount",
        sum(shipped."total_amount") AS "total_amount",
        count(*) AS row_count,
        sum(hash_numeric_extended(
            hash_record_extended(shipped, 0)::numeric, 0
        )) AS content_hash
    FROM (
SELECT * FROM "pg_temp"."stage_customer_invoices_ee275943"
    ) AS shipped
    GROUP BY shipped."set_id"
) AS part
GROUP BY part.set_id;

-- missing
WITH combination AS MATERIALIZED (
    SELECT DISTINCT "stage"."set_id", "stage"."company", "stage"."proforma_id"
    FROM "pg_temp"."stage_customer_invoices_ee275943" AS stage
)

SELECT DISTINCT
    combination.set_id,
    'proforma_id'::text AS column,
    "combination"."proforma_id"::text AS value
FROM combination
WHERE "combination"."proforma_id" IS NOT NULL
    AND NOT EXISTS (SELECT FROM "operations"."proforma" AS t WHERE "t".company = "combination".company AND "t"."proforma_id" = "combination"."proforma_id");

-- apply
INSERT INTO "operations"."customer_invoice" AS target (
    "company",
    "proforma_id",
    "invoice_number",
    "invoice_date",
    "due_date",
    "voucher",
    "tax_amount",
    "total_amount"
)
SELECT
    "stage"."company",
    "stage"."proforma_id",
    "stage"."invoice_number",
    "stage"."invoice_date",
    "stage"."due_date",
    "stage"."voucher",
    "stage"."tax_amount",
    "stage"."total_amount"
FROM "pg_temp"."stage_customer_invoices_ee275943" AS stage;
