-- shipped
SELECT
    change_set.set_id,
    (s."company")::text AS "company",
    (s."actual_id")::bigint AS "actual_id",
    (s."transaction_type")::text AS "transaction_type",
    (s."class")::text AS "class",
    (s."billing_type")::text AS "billing_type",
    (s."transaction_date")::date AS "transaction_date",
    (s."accounting_date")::date AS "accounting_date",
    (s."quantity")::numeric(19,4) AS "quantity",
    (s."price")::numeric(19,4) AS "price",
    (s."amount")::numeric(19,4) AS "amount",
    (s."discount_amount")::numeric(19,4) AS "discount_amount",
    (s."fee_amount")::numeric(19,4) AS "fee_amount",
    (s."currency")::text AS "currency",
    (s."unit")::text AS "unit",
    (s."project_id")::bigint AS "project_id",
    (s."task_id")::bigint AS "task_id",
    (s."resource_id")::bigint AS "resource_id",
    (s."role_id")::bigint AS "role_id",
    (s."category_id")::bigint AS "category_id",
    (s."contract_id")::bigint AS "contract_id",
    (s."contract_line_id")::bigint AS "contract_line_id",
    (s."customer_id")::bigint AS "customer_id",
    (s."milestone_id")::bigint AS "milestone_id",
    (s."proforma_id")::bigint AS "proforma_id",
    (change_set."set_id")::bigint AS "source_set_id",
    (s."description")::text AS "description"
FROM dualwrite.outbox AS change_set
CROSS JOIN LATERAL (
    SELECT block.*
    FROM "operations"."actual" AS block
    WHERE block.company = change_set.company
        AND block."actual_id" BETWEEN change_set.key_first AND change_set.key_last
    OFFSET 0
) AS s
WHERE change_set.company = %(company)s::text
    AND change_set.set_id = ANY(%(set_ids)s::bigint[])
    AND coalesce(s."change_set_id" = change_set.set_id, false)
    AND (NOT s.skip_sync);

-- measure
SELECT
    part.set_id,
    sum(part.row_count)::bigint AS row_count,
    sum(part.content_hash)::text AS content_hash,
    jsonb_agg(jsonb_build_object('rows', part.row_count, 'currency', part."currency", 'transaction_type', part."transaction_type", 'quantity', part."quantity", 'amount', part."amount") ORDER BY part."currency" COLLATE "C", part."transaction_type" COLLATE "C")::text AS totals
FROM (
    SELECT
        shipped.set_id,
        shipped."currency"::text AS "currency",
        shipped."transaction_type"::text AS "transaction_type",
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
    (s."actual_id")::bigint AS "actual_id",
    (s."transaction_type")::text AS "transaction_type",
    (s."class")::text AS "class",
    (s."billing_type")::text AS "billing_type",
    (s."transaction_date")::date AS "transaction_date",
    (s."accounting_date")::date AS "accounting_date",
    (s."quantity")::numeric(19,4) AS "quantity",
    (s."price")::numeric(19,4) AS "price",
    (s."amount")::numeric(19,4) AS "amount",
    (s."discount_amount")::numeric(19,4) AS "discount_amount",
    (s."fee_amount")::numeric(19,4) AS "fee_amount",
    (s."currency")::text AS "currency",
    (s."unit")::text AS "unit",
    (s."project_id")::bigint AS "project_id",
    (s."task_id")::bigint AS "task_id",
    (s."resource_id")::bigint AS "resource_id",
    (s."role_id")::bigint AS "role_id",
    (s."category_id")::bigint AS "category_id",
    (s."contract_id")::bigint AS "contract_id",
    (s."contract_line_id")::bigint AS "contract_line_id",
    (s."customer_id")::bigint AS "customer_id",
    (s."milestone_id")::bigint AS "milestone_id",
    (s."proforma_id")::bigint AS "proforma_id",
    (change_set."set_id")::bigint AS "source_set_id",
    (s."description")::text AS "description"
FROM dualwrite.outbox AS change_set
CROSS JOIN LATERAL (
    SELECT block.*
    FROM "operations"."actual" AS block
    WHERE block.company = change_set.company
        AND block."actual_id" BETWEEN change_set.key_first AND change_set.key_last
    OFFSET 0
) AS s
WHERE change_set.company = %(company)s::text
    AND change_set.set_id = ANY(%(set_ids)s::bigint[])
    AND coalesce(s."change_set_id" = change_set.set_id, false)
    AND (NOT s.skip_sync)
    ) AS shipped
    GROUP BY shipped."set_id", shipped."currency", shipped."transaction_type"
) AS part
GROUP BY part.set_id;

-- excluded
SELECT
    change_set.set_id,
    count(*) AS row_count
FROM dualwrite.outbox AS change_set
CROSS JOIN LATERAL (
    SELECT block.*
    FROM "operations"."actual" AS block
    WHERE block.company = change_set.company
        AND block."actual_id" BETWEEN change_set.key_first AND change_set.key_last
    OFFSET 0
) AS s
WHERE change_set.company = %(company)s::text
    AND change_set.set_id = ANY(%(set_ids)s::bigint[])
    AND coalesce(s."change_set_id" = change_set.set_id, false)
    AND (NOT s.skip_sync) IS NOT TRUE
GROUP BY change_set.set_id;

-- distinct
SELECT DISTINCT
    part.name AS column,
    part.value,
    part.key
FROM (
SELECT DISTINCT "shipped"."billing_type", "shipped"."currency", "shipped"."project_id", "shipped"."resource_id", "shipped"."role_id", "shipped"."category_id", "shipped"."contract_id", "shipped"."contract_line_id", "shipped"."customer_id"
FROM (
SELECT
    change_set.set_id,
    (s."company")::text AS "company",
    (s."actual_id")::bigint AS "actual_id",
    (s."transaction_type")::text AS "transaction_type",
    (s."class")::text AS "class",
    (s."billing_type")::text AS "billing_type",
    (s."transaction_date")::date AS "transaction_date",
    (s."accounting_date")::date AS "accounting_date",
    (s."quantity")::numeric(19,4) AS "quantity",
    (s."price")::numeric(19,4) AS "price",
    (s."amount")::numeric(19,4) AS "amount",
    (s."discount_amount")::numeric(19,4) AS "discount_amount",
    (s."fee_amount")::numeric(19,4) AS "fee_amount",
    (s."currency")::text AS "currency",
    (s."unit")::text AS "unit",
    (s."project_id")::bigint AS "project_id",
    (s."task_id")::bigint AS "task_id",
    (s."resource_id")::bigint AS "resource_id",
    (s."role_id")::bigint AS "role_id",
    (s."category_id")::bigint AS "category_id",
    (s."contract_id")::bigint AS "contract_id",
    (s."contract_line_id")::bigint AS "contract_line_id",
    (s."customer_id")::bigint AS "customer_id",
    (s."milestone_id")::bigint AS "milestone_id",
    (s."proforma_id")::bigint AS "proforma_id",
    (change_set."set_id")::bigint AS "source_set_id",
    (s."description")::text AS "description"
FROM dualwrite.outbox AS change_set
CROSS JOIN LATERAL (
    SELECT block.*
    FROM "operations"."actual" AS block
    WHERE block.company = change_set.company
        AND block."actual_id" BETWEEN change_set.key_first AND change_set.key_last
    OFFSET 0
) AS s
WHERE change_set.company = %(company)s::text
    AND change_set.set_id = ANY(%(set_ids)s::bigint[])
    AND coalesce(s."change_set_id" = change_set.set_id, false)
    AND (NOT s.skip_sync)
) AS shipped
) AS combination
CROSS JOIN LATERAL (VALUES ('billing_type', combination."billing_type"::text, ''), ('currency', combination."currency"::text, ''), ('project_id', combination."project_id"::text, ''), ('resource_id', combination."resource_id"::text, ''), ('role_id', combination."role_id"::text, ''), ('category_id', combination."category_id"::text, ''), ('contract_id', combination."contract_id"::text, ''), ('contract_line_id', combination."contract_line_id"::text, ''), ('customer_id', combination."customer_id"::text, '')) AS part (name, value, key)
WHERE part.value IS NOT NULL
ORDER BY 1, 2;

-- unknown
SELECT DISTINCT
    'transaction_type'::text AS column,
    s."transaction_type"::text AS value,
    ''::text AS key
FROM dualwrite.outbox AS change_set
CROSS JOIN LATERAL (
    SELECT block.*
    FROM "operations"."actual" AS block
    WHERE block.company = change_set.company
        AND block."actual_id" BETWEEN change_set.key_first AND change_set.key_last
    OFFSET 0
) AS s
WHERE change_set.company = %(company)s::text
    AND change_set.set_id = ANY(%(set_ids)s::bigint[])
    AND coalesce(s."change_set_id" = change_set.set_id, false)
    AND (NOT s.skip_sync)
    AND s."transaction_type" IS NOT NULL AND (s."transaction_type"::text = ANY('{project_contract}'));

-- stage
CREATE TEMPORARY TABLE IF NOT EXISTS "stage_actuals_b1a496d0" (
    set_id bigint,
    "company" text,
    "actual_id" bigint,
    "transaction_type" text,
    "class" text,
    "billing_type" text,
    "transaction_date" date,
    "accounting_date" date,
    "quantity" numeric(19,4),
    "price" numeric(19,4),
    "amount" numeric(19,4),
    "discount_amount" numeric(19,4),
    "fee_amount" numeric(19,4),
    "currency" text,
    "unit" text,
    "project_id" bigint,
    "task_id" bigint,
    "resource_id" bigint,
    "role_id" bigint,
    "category_id" bigint,
    "contract_id" bigint,
    "contract_line_id" bigint,
    "customer_id" bigint,
    "milestone_id" bigint,
    "proforma_id" bigint,
    "source_set_id" bigint,
    "description" text
) ON COMMIT DELETE ROWS;

-- received
SELECT
    part.set_id,
    sum(part.row_count)::bigint AS row_count,
    sum(part.content_hash)::text AS content_hash,
    jsonb_agg(jsonb_build_object('rows', part.row_count, 'currency', part."currency", 'transaction_type', part."transaction_type", 'quantity', part."quantity", 'amount', part."amount") ORDER BY part."currency" COLLATE "C", part."transaction_type" COLLATE "C")::text AS totals
FROM (
    SELECT
        shipped.set_id,
        shipped."currency"::text AS "currency",
        shipped."transaction_type"::text AS "transaction_type",
        sum(shipped."quantity") AS "quantity",
        sum(shipped."amount") AS "amount",
        count(*) AS row_count,
        sum(hash_numeric_extended(
            hash_record_extended(shipped, 0)::numeric, 0
        )) AS content_hash
    FROM (
SELECT * FROM "pg_temp"."stage_actuals_b1a496d0"
    ) AS shipped
    GROUP BY shipped."set_id", shipped."currency", shipped."transaction_type"
) AS part
GROUP BY part.set_id;

-- missing
WITH combination AS MATERIALIZED (
    SELECT DISTINCT "stage"."set_id", "stage"."company", "stage"."billing_type", "stage"."currency", "stage"."project_id", "stage"."resource_id", "stage"."role_id", "stage"."category_id", "stage"."contract_id", "stage"."contract_line_id", "stage"."customer_id"
    FROM "pg_temp"."stage_actuals_b1a496d0" AS stage
)

SELECT DISTINCT
    combination.set_id,
    'billing_type'::text AS column,
    "combination"."billing_type"::text AS value
FROM combination
WHERE "combination"."billing_type" IS NOT NULL
    AND NOT EXISTS (SELECT FROM "finance"."billing_type_line_property" AS t WHERE "t".company = "combination".company AND "t"."billing_type"::text = "combination"."billing_type")
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
    'project_id'::text AS column,
    "combination"."project_id"::text AS value
FROM combination
WHERE "combination"."project_id" IS NOT NULL
    AND NOT EXISTS (SELECT FROM "finance"."project" AS t WHERE "t".company = "combination".company AND "t"."project_id" = "combination"."project_id")
UNION ALL
SELECT DISTINCT
    combination.set_id,
    'resource_id'::text AS column,
    "combination"."resource_id"::text AS value
FROM combination
WHERE "combination"."resource_id" IS NOT NULL
    AND NOT EXISTS (SELECT FROM "finance"."resource" AS t WHERE "t".company = "combination".company AND "t"."resource_id" = "combination"."resource_id")
UNION ALL
SELECT DISTINCT
    combination.set_id,
    'role_id'::text AS column,
    "combination"."role_id"::text AS value
FROM combination
WHERE "combination"."role_id" IS NOT NULL
    AND NOT EXISTS (SELECT FROM "finance"."role" AS t WHERE "t".company = "combination".company AND "t"."role_id" = "combination"."role_id")
UNION ALL
SELECT DISTINCT
    combination.set_id,
    'category_id'::text AS column,
    "combination"."category_id"::text AS value
FROM combination
WHERE "combination"."category_id" IS NOT NULL
    AND NOT EXISTS (SELECT FROM "finance"."category" AS t WHERE "t".company = "combination".company AND "t"."category_id" = "combination"."category_id")
UNION ALL
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
    'contract_line_id'::text AS column,
    "combination"."contract_line_id"::text AS value
FROM combination
WHERE "combination"."contract_line_id" IS NOT NULL
    AND NOT EXISTS (SELECT FROM "finance"."contract_line" AS t WHERE "t".company = "combination".company AND "t"."contract_line_id" = "combination"."contract_line_id")
UNION ALL
SELECT DISTINCT
    combination.set_id,
    'customer_id'::text AS column,
    "combination"."customer_id"::text AS value
FROM combination
WHERE "combination"."customer_id" IS NOT NULL
    AND NOT EXISTS (SELECT FROM "finance"."customer" AS t WHERE "t".company = "combination".company AND "t"."customer_id" = "combination"."customer_id");

-- apply
INSERT INTO "finance"."staged_actual" AS target (
    "company",
    "actual_id",
    "transaction_type",
    "class",
    "billing_type",
    "transaction_date",
    "accounting_date",
    "quantity",
    "price",
    "amount",
    "discount_amount",
    "fee_amount",
    "currency",
    "unit",
    "project_id",
    "task_id",
    "resource_id",
    "role_id",
    "category_id",
    "contract_id",
    "contract_line_id",
    "customer_id",
    "milestone_id",
    "proforma_id",
    "source_set_id",
    "description"
)
SELECT
    "stage"."company",
    "stage"."actual_id",
    "stage"."transaction_type"::finance.transaction_type,
    "stage"."class"::finance.transaction_class,
    "stage"."billing_type"::finance.billing_type,
    "stage"."transaction_date",
    "stage"."accounting_date",
    "stage"."quantity",
    "stage"."price",
    "stage"."amount",
    "stage"."discount_amount",
    "stage"."fee_amount",
    "stage"."currency",
    "stage"."unit",
    "stage"."project_id",
    "stage"."task_id",
    "stage"."resource_id",
    "stage"."role_id",
    "stage"."category_id",
    "stage"."contract_id",
    "stage"."contract_line_id",
    "stage"."customer_id",
    "stage"."milestone_id",
    "stage"."proforma_id",
    "stage"."source_set_id",
    "stage"."description"
FROM "pg_temp"."stage_actuals_b1a496d0" AS stage;
