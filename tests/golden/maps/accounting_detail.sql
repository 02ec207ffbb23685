-- shipped
SELECT
    change_set.set_id,
    (s."company")::text AS "company",
    (s."actual_id")::bigint AS "actual_id",
    (s."voucher")::text AS "voucher",
    (s."accounting_date")::date AS "accounting_date",
    (s."accounting_amount")::numeric(19,4) AS "accounting_amount",
    (s."exchange_rate")::numeric(19,9) AS "exchange_rate",
    (s."sales_tax_amount")::numeric(19,4) AS "sales_tax_amount"
FROM dualwrite.outbox AS change_set
CROSS JOIN LATERAL (
    SELECT block.*
    FROM "finance"."accounting_detail" AS block
    WHERE block.company = change_set.company
        AND block."actual_id" BETWEEN change_set.key_first AND change_set.key_last
    OFFSET 0
) AS s
WHERE change_set.company = %(company)s::text
    AND change_set.set_id = ANY(%(set_ids)s::bigint[])
    AND coalesce(s."change_set_id" = change_set.set_id, false);

-- measure
SELECT
    part.set_id,
    sum(part.row_count)::bigint AS row_count,
    sum(part.content_hash)::text AS content_hash,
    jsonb_agg(jsonb_build_object('rows', part.row_count, 'accounting_amount', part."accounting_amount", 'sales_tax_amount', part."sales_tax_amount") ORDER BY part.set_id)::text AS totals
FROM (
    SELECT
        shipped.set_id,
        sum(shipped."accounting_amount") AS "accounting_amount",
        sum(shipped."sales_tax_amount") AS "sales_tax_amount",
        count(*) AS row_count,
        sum(hash_numeric_extended(
            hash_record_extended(shipped, 0)::numeric, 0
        )) AS content_hash
    FROM (
SELECT
    change_set.set_id,
    (s."company")::text AS "company",
    (s."actual_id")::bigint AS "actual_id",
    (s."voucher")::text AS "voucher",
    (s."accounting_date")::date AS "accounting_date",
    (s."accounting_amount")::numeric(19,4) AS "accounting_amount",
    (s."exchange_rate")::numeric(19,9) AS "exchange_rate",
    (s."sales_tax_amount")::numeric(19,4) AS "sales_tax_amount"
FROM dualwrite.outbox AS change_set
CROSS JOIN LATERAL (
    SELECT block.*
    FROM "finance"."accounting_detail" AS block
    WHERE block.company = change_set.company
        AND block."actual_id" BETWEEN change_set.key_first AND change_set.key_last
    OFFSET 0
) AS s
WHERE change_set.company = %(company)s::text
    AND change_set.set_id = ANY(%(set_ids)s::bigint[])
    AND coalesce(s."change_set_id" = change_set.set_id, false)
    ) AS shipped
    GROUP BY shipped."set_id"
) AS part
GROUP BY part.set_id;

-- stage
CREATE TEMPORARY TABLE IF NOT EXISTS "stage_accounting_detail_ad556dc7" (
    set_id bigint,
    "company" text,
    "actual_id" bigint,
    "voucher" text,
    "accounting_date" date,
    "accounting_amount" numeric(19,4),
    "exchange_rate" numeric(19,9),
    "sales_tax_amount" numeric(19,4)
) ON COMMIT DELETE ROWS;

-- received
SELECT
    part.set_id,
    sum(part.row_count)::bigint AS row_count,
    sum(part.content_hash)::text AS content_hash,
    jsonb_agg(jsonb_build_object('rows', part.row_count, 'accounting_amount', part."accounting_amount", 'sales_tax_amount', part."sales_tax_amount") ORDER BY part.set_id)::text AS totals
FROM (
    SELECT
        shipped.set_id,
        sum(shipped."accounting_amount") AS "accounting_amount",
        sum(shipped."sales_tax_amount") AS "sales_tax_amount",
        count(*) AS row_count,
        sum(hash_numeric_extended(
            hash_record_extended(shipped, 0)::numeric, 0
        )) AS content_hash
    FROM (
SELECT * FROM "pg_temp"."stage_accounting_detail_ad556dc7"
    ) AS shipped
    GROUP BY shipped."set_id"
) AS part
GROUP BY part.set_id;

-- apply
INSERT INTO "operations"."actual_accounting" AS target (
    "company",
    "actual_id",
    "voucher",
    "accounting_date",
    "accounting_amount",
    "exchange_rate",
    "sales_tax_amount"
)
SELECT
    "stage"."company",
    "stage"."actual_id",
    "stage"."voucher",
    "stage"."accounting_date",
    "stage"."accounting_amount",
    "stage"."exchange_rate",
    "stage"."sales_tax_amount"
FROM "pg_temp"."stage_accounting_detail_ad556dc7" AS stage;
