-- shipped
SELECT
    change_set.set_id,
    (s."company")::text AS "company",
    (s."posted_cost_id")::bigint AS "finance_cost_id",
    (s."kind")::text AS "kind",
    (s."document")::text AS "document",
    (s."line_number")::bigint AS "line_number",
    (s."voucher")::text AS "voucher",
    (s."accounting_date")::date AS "transaction_date",
    (s."class")::text AS "class",
    (s."project_id")::bigint AS "project_id",
    (s."task_id")::bigint AS "task_id",
    (s."category_id")::bigint AS "category_id",
    (s."customer_id")::bigint AS "customer_id",
    (s."quantity")::numeric(19,4) AS "quantity",
    (s."price")::numeric(19,4) AS "price",
    (s."amount")::numeric(19,4) AS "amount",
    (s."currency")::text AS "currency",
    (s."sales_price")::numeric(19,4) AS "sales_price",
    (s."description")::text AS "description"
FROM dualwrite.outbox AS change_set
CROSS JOIN LATERAL (
    SELECT block.*
    FROM "finance"."posted_cost" AS block
    WHERE block.company = change_set.company
        AND block."posted_cost_id" BETWEEN change_set.key_first AND change_set.key_last
    OFFSET 0
) AS s
WHERE change_set.company = %(company)s::text
    AND change_set.set_id = ANY(%(set_ids)s::bigint[])
    AND coalesce(s."change_set_id" = change_set.set_id, false)
    AND (NOT s.is_intercompany);

-- measure
SELECT
    part.set_id,
    sum(part.row_count)::bigint AS row_count,
    sum(part.content_hash)::text AS content_hash,
    jsonb_agg(jsonb_build_object('rows', part.row_count, 'currency', part."currency", 'kind', part."kind", 'quantity', part."quantity", 'amount', part."amount") ORDER BY part."currency" COLLATE "C", part."kind" COLLATE "C")::text AS totals
FROM (
    SELECT
        shipped.set_id,
        shipped."currency"::text AS "currency",
        shipped."kind"::text AS "kind",
        sum(shipped."quantity") AS "quantity",
        sum(shipped."amount") AS "amount",
        count(*) AS row_count,
        sum(hash_numeric_extended(
            hash_record_extended(shipped, 0)::numeric, 0
        )) AS content_hash
    FROM (
SELECT
    change_set.set_id,
    (s."company")::text AS "company",
    (s."posted_cost_id")::bigint AS "finance_cost_id",
    (s."kind")::text AS "kind",
    (s."document")::text AS "document",
    (s."line_number")::bigint AS "line_number",
    (s."voucher")::text AS "voucher",
    (s."accounting_date")::date AS "transaction_date",
    (s."class")::text AS "class",
    (s."project_id")::bigint AS "project_id",
    (s."task_id")::bigint AS "task_id",
    (s."category_id")::bigint AS "category_id",
    (s."customer_id")::bigint AS "customer_id",
    (s."quantity")::numeric(19,4) AS "quantity",
    (s."price")::numeric(19,4) AS "price",
    (s."amount")::numeric(19,4) AS "amount",
    (s."currency")::text AS "currency",
    (s."sales_price")::numeric(19,4) AS "sales_price",
    (s."description")::text AS "description"
FROM dualwrite.outbox AS change_set
CROSS JOIN LATERAL (
    SELECT block.*
    FROM "finance"."posted_cost" AS block
    WHERE block.company = change_set.company
        AND block."posted_cost_id" BETWEEN change_set.key_first AND change_set.key_last
    OFFSET 0
) AS s
WHERE change_set.company = %(company)s::text
    AND change_set.set_id = ANY(%(set_ids)s::bigint[])
    AND coalesce(s."change_set_id" = change_set.set_id, false)
    AND (NOT s.is_intercompany)
    ) AS shipped
    GROUP BY shipped."set_id", shipped."currency", shipped."kind"
) AS part
GROUP BY part.set_id;

-- excluded
SELECT
    change_set.set_id,
    count(*) AS row_count
FROM dualwrite.outbox AS change_set
CROSS JOIN LATERAL (
    SELECT block.*
    FROM "finance"."posted_cost" AS block
    WHERE block.company = change_set.company
        AND block."posted_cost_id" BETWEEN change_set.key_first AND change_set.key_last
    OFFSET 0
) AS s
WHERE change_set.company = %(company)s::text
    AND change_set.set_id = ANY(%(set_ids)s::bigint[])
    AND coalesce(s."change_set_id" = change_set.set_id, false)
    AND (NOT s.is_intercompany) IS NOT TRUE
GROUP BY change_set.set_id;

-- distinct
SELECT DISTINCT
    part.name AS column,
    part.value,
    part.key
FROM (
SELECT DISTINCT "shipped"."project_id", "shipped"."task_id", "shipped"."category_id", "shipped"."customer_id", "shipped"."currency"
FROM (
SELECT
    change_set.set_id,
    (s."company")::text AS "company",
    (s."posted_cost_id")::bigint AS "finance_cost_id",
    (s."kind")::text AS "kind",
    (s."document")::text AS "document",
    (s."line_number")::bigint AS "line_number",
    (s."voucher")::text AS "voucher",
    (s."accounting_date")::date AS "transaction_date",
    (s."class")::text AS "class",
    (s."project_id")::bigint AS "project_id",
    (s."task_id")::bigint AS "task_id",
    (s."category_id")::bigint AS "category_id",
    (s."customer_id")::bigint AS "customer_id",
    (s."quantity")::numeric(19,4) AS "quantity",
    (s."price")::numeric(19,4) AS "price",
    (s."amount")::numeric(19,4) AS "amount",
    (s."currency")::text AS "currency",
    (s."sales_price")::numeric(19,4) AS "sales_price",
    (s."description")::text AS "description"
FROM dualwrite.outbox AS change_set
CROSS JOIN LATERAL (
    SELECT block.*
    FROM "finance"."posted_cost" AS block
    WHERE block.company = change_set.company
        AND block."posted_cost_id" BETWEEN change_set.key_first AND change_set.key_last
    OFFSET 0
) AS s
WHERE change_set.company = %(company)s::text
    AND change_set.set_id = ANY(%(set_ids)s::bigint[])
    AND coalesce(s."change_set_id" = change_set.set_id, false)
    AND (NOT s.is_intercompany)
) AS shipped
) AS combination
CROSS JOIN LATERAL (VALUES ('project_id', combination."project_id"::text, ''), ('task_id', combination."task_id"::text, ''), ('category_id', combination."category_id"::text, ''), ('customer_id', combination."customer_id"::text, ''), ('currency', combination."currency"::text, '')) AS part (name, value, key)
WHERE part.value IS NOT NULL
ORDER BY 1, 2;

-- unknown
SELECT DISTINCT
    'class'::text AS column,
    s."class"::text AS value,
    ''::text AS key
FROM dualwrite.outbox AS change_set
CROSS JOIN LATERAL (
    SELECT block.*
    FROM "finance"."posted_cost" AS block
    WHERE block.company = change_set.company
        AND block."posted_cost_id" BETWEEN change_set.key_first AND change_set.key_last
    OFFSET 0
) AS s
WHERE change_set.company = %(company)s::text
    AND change_set.set_id = ANY(%(set_ids)s::bigint[])
    AND coalesce(s."change_set_id" = change_set.set_id, false)
    AND (NOT s.is_intercompany)
    AND s."class" IS NOT NULL AND (s."class"::text = ANY('{time,milestone,fee,retainer}'));

-- stage
CREATE TEMPORARY TABLE IF NOT EXISTS "stage_finance_costs_d07eb41a" (
    set_id bigint,
    "company" text,
    "finance_cost_id" bigint,
    "kind" text,
    "document" text,
    "line_number" bigint,
    "voucher" text,
    "transaction_date" date,
    "class" text,
    "project_id" bigint,
    "task_id" bigint,
    "category_id" bigint,
    "customer_id" bigint,
    "quantity" numeric(19,4),
    "price" numeric(19,4),
    "amount" numeric(19,4),
    "currency" text,
    "sales_price" numeric(19,4),
    "description" text
) ON COMMIT DELETE ROWS;

-- received
SELECT
    part.set_id,
    sum(part.row_count)::bigint AS row_count,
    sum(part.content_hash)::text AS content_hash,
    jsonb_agg(jsonb_build_object('rows', part.row_count, 'currency', part."currency", 'kind', part."kind", 'quantity', part."quantity", 'amount', part."amount") ORDER BY part."currency" COLLATE "C", part."kind" COLLATE "C")::text AS totals
FROM (
    SELECT
        shipped.set_id,
        shipped."currency"::text AS "currency",
        shipped."kind"::text AS "kind",
        sum(shipped."quantity") AS "quantity",
        sum(shipped."amount") AS "amount",
        count(*) AS row_count,
        sum(hash_numeric_extended(
            hash_record_extended(shipped, 0)::numeric, 0
        )) AS content_hash
    FROM (
SELECT * FROM "pg_temp"."stage_finance_costs_d07eb41a"
    ) AS shipped
    GROUP BY shipped."set_id", shipped."currency", shipped."kind"
) AS part
GROUP BY part.set_id;

-- missing
WITH combination AS MATERIALIZED (
    SELECT DISTINCT "stage"."set_id", "stage"."company", "stage"."project_id", "stage"."task_id", "stage"."category_id", "stage"."customer_id", "stage"."currency"
    FROM "pg_temp"."stage_finance_costs_d07eb41a" AS stage
)

SELECT DISTINCT
    combination.set_id,
    'project_id'::text AS column,
    "combination"."project_id"::text AS value
FROM combination
WHERE "combination"."project_id" IS NOT NULL
    AND NOT EXISTS (SELECT FROM "operations"."project" AS t WHERE "t".company = "combination".company AND "t"."project_id" = "combination"."project_id")
UNION ALL
SELECT DISTINCT
    combination.set_id,
    'task_id'::text AS column,
    "combination"."task_id"::text AS value
FROM combination
WHERE "combination"."task_id" IS NOT NULL
    AND NOT EXISTS (SELECT FROM "operations"."task" AS t WHERE "t".company = "combination".company AND "t"."task_id" = "combination"."task_id")
UNION ALL
SELECT DISTINCT
    combination.set_id,
    'category_id'::text AS column,
    "combination"."category_id"::text AS value
FROM combination
WHERE "combination"."category_id" IS NOT NULL
    AND NOT EXISTS (SELECT FROM "operations"."company_category" AS t WHERE "t".company = "combination".company AND "t"."category_id" = "combination"."category_id")
UNION ALL
SELECT DISTINCT
    combination.set_id,
    'customer_id'::text AS column,
    "combination"."customer_id"::text AS value
FROM combination
WHERE "combination"."customer_id" IS NOT NULL
    AND NOT EXISTS (SELECT FROM "operations"."customer" AS t WHERE "t".company = "combination".company AND "t"."customer_id" = "combination"."customer_id")
UNION ALL
SELECT DISTINCT
    combination.set_id,
    'currency'::text AS column,
    "combination"."currency"::text AS value
FROM combination
WHERE "combination"."currency" IS NOT NULL
    AND NOT EXISTS (SELECT FROM "operations"."currency" AS t WHERE "t"."currency" = "combination"."currency");

-- apply
INSERT INTO "operations"."finance_cost" AS target (
    "company",
    "finance_cost_id",
    "kind",
    "document",
    "line_number",
    "voucher",
    "transaction_date",
    "class",
    "project_id",
    "task_id",
    "category_id",
    "customer_id",
    "quantity",
    "price",
    "amount",
    "currency",
    "sales_price",
    "description"
)
SELECT
    "stage"."company",
    "stage"."finance_cost_id",
    "stage"."kind"::operations.finance_cost_kind,
    "stage"."document",
    "stage"."line_number",
    "stage"."voucher",
    "stage"."transaction_date",
    "stage"."class"::operations.transaction_class,
    "stage"."project_id",
    "stage"."task_id",
    "stage"."category_id",
    "stage"."customer_id",
    "stage"."quantity",
    "stage"."price",
    "stage"."amount",
    "stage"."currency",
    "stage"."sales_price",
    "stage"."description"
FROM "pg_temp"."stage_finance_costs_d07eb41a" AS stage;
