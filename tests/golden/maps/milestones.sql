-- shipped
SELECT
    captured.set_id,
    (captured.content ->> 'company')::text AS "company",
    (captured.content ->> 'milestone_id')::bigint AS "milestone_id",
    (captured.content ->> 'contract_id')::bigint AS "contract_id",
    (captured.content ->> 'contract_line_id')::bigint AS "contract_line_id",
    (captured.content ->> 'customer_id')::bigint AS "customer_id",
    (captured.content ->> 'project_id')::bigint AS "project_id",
    (captured.content ->> 'description')::text AS "description",
    (captured.content ->> 'transaction_date')::date AS "transaction_date",
    (captured.content ->> 'amount')::numeric(19,4) AS "amount",
    (captured.content ->> 'currency')::text AS "currency",
    (captured.content ->> 'source_version')::bigint AS "source_version"
FROM dualwrite.captured AS captured
WHERE captured.company = %(company)s::text
    AND captured.set_id = ANY(%(set_ids)s::bigint[])
    AND captured.map = 'milestones'
ORDER BY captured.set_id, captured.row_number;

-- standing
SELECT
    part.set_id,
    sum(part.row_count)::bigint AS row_count,
    sum(part.content_hash)::text AS content_hash,
    jsonb_agg(jsonb_build_object('rows', part.row_count) ORDER BY part.set_id)::text AS totals
FROM (
    SELECT
        shipped.set_id,
        count(*) AS row_count,
        sum(hash_numeric_extended(
            hash_record_extended(shipped, 0)::numeric, 0
        )) AS content_hash
    FROM (
SELECT
    change_set.set_id,
    (s."company")::text AS "company",
    (s."milestone_id")::bigint AS "milestone_id",
    (s."contract_id")::bigint AS "contract_id",
    (s."contract_line_id")::bigint AS "contract_line_id",
    (s."customer_id")::bigint AS "customer_id",
    (s."project_id")::bigint AS "project_id",
    (s."name")::text AS "description",
    (s."milestone_date")::date AS "transaction_date",
    (s."amount")::numeric(19,4) AS "amount",
    (s."currency")::text AS "currency",
    (change_set."version")::bigint AS "source_version"
FROM dualwrite.outbox AS change_set
JOIN "operations"."milestone" AS s
    ON s.company = change_set.company
    AND s."change_set_id" = change_set.set_id
WHERE change_set.company = %(company)s::text
    AND change_set.set_id = ANY(%(set_ids)s::bigint[])
    ) AS shipped
    GROUP BY shipped."set_id"
) AS part
GROUP BY part.set_id;

-- capture
INSERT INTO dualwrite.captured (company, set_id, map, row_number, content)
SELECT
    %(company)s::text,
    shipped.set_id,
    'milestones',
    row_number() OVER (PARTITION BY shipped.set_id ORDER BY shipped."company", shipped."milestone_id"),
    to_jsonb(shipped) - 'set_id'
FROM (
SELECT
    change_set.set_id,
    (s."company")::text AS "company",
    (s."milestone_id")::bigint AS "milestone_id",
    (s."contract_id")::bigint AS "contract_id",
    (s."contract_line_id")::bigint AS "contract_line_id",
    (s."customer_id")::bigint AS "customer_id",
    (s."project_id")::bigint AS "project_id",
    (s."name")::text AS "description",
    (s."milestone_date")::date AS "transaction_date",
    (s."amount")::numeric(19,4) AS "amount",
    (s."currency")::text AS "currency",
    (change_set."version")::bigint AS "source_version"
FROM dualwrite.outbox AS change_set
JOIN "operations"."milestone" AS s
    ON s.company = change_set.company
    AND s."change_set_id" = change_set.set_id
WHERE change_set.company = %(company)s::text
    AND change_set.set_id = ANY(%(set_ids)s::bigint[])
) AS shipped;

-- measure
SELECT
    part.set_id,
    sum(part.row_count)::bigint AS row_count,
    sum(part.content_hash)::text AS content_hash,
    jsonb_agg(jsonb_build_object('rows', part.row_count) ORDER BY part.set_id)::text AS totals
FROM (
    SELECT
        shipped.set_id,
        count(*) AS row_count,
        sum(hash_numeric_extended(
            hash_record_extended(shipped, 0)::numeric, 0
        )) AS content_hash
    FROM (
SELECT
    captured.set_id,
    (captured.content ->> 'company')::text AS "company",
    (captured.content ->> 'milestone_id')::bigint AS "milestone_id",
    (captured.content ->> 'contract_id')::bigint AS "contract_id",
    (captured.content ->> 'contract_line_id')::bigint AS "contract_line_id",
    (captured.content ->> 'customer_id')::bigint AS "customer_id",
    (captured.content ->> 'project_id')::bigint AS "project_id",
    (captured.content ->> 'description')::text AS "description",
    (captured.content ->> 'transaction_date')::date AS "transaction_date",
    (captured.content ->> 'amount')::numeric(19,4) AS "amount",
    (captured.content ->> 'currency')::text AS "currency",
    (captured.content ->> 'source_version')::bigint AS "source_version"
FROM dualwrite.captured AS captured
WHERE captured.company = %(company)s::text
    AND captured.set_id = ANY(%(set_ids)s::bigint[])
    AND captured.map = 'milestones'
ORDER BY captured.set_id, captured.row_number
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
SELECT DISTINCT "shipped"."contract_line_id", "shipped"."customer_id", "shipped"."project_id", "shipped"."currency"
FROM (
SELECT
    captured.set_id,
    (captured.content ->> 'company')::text AS "company",
    (captured.content ->> 'milestone_id')::bigint AS "milestone_id",
    (captured.content ->> 'contract_id')::bigint AS "contract_id",
    (captured.content ->> 'contract_line_id')::bigint AS "contract_line_id",
    (captured.content ->> 'customer_id')::bigint AS "customer_id",
    (captured.content ->> 'project_id')::bigint AS "project_id",
    (captured.content ->> 'description')::text AS "description",
    (captured.content ->> 'transaction_date')::date AS "transaction_date",
    (captured.content ->> 'amount')::numeric(19,4) AS "amount",
    (captured.content ->> 'currency')::text AS "currency",
    (captured.content ->> 'source_version')::bigint AS "source_version"
FROM dualwrite.captured AS captured
WHERE captured.company = %(company)s::text
    AND captured.set_id = ANY(%(set_ids)s::bigint[])
    AND captured.map = 'milestones'
ORDER BY captured.set_id, captured.row_number
) AS shipped
) AS combination
CROSS JOIN LATERAL (VALUES ('contract_line_id', combination."contract_line_id"::text, ''), ('customer_id', combination."customer_id"::text, ''), ('project_id', combination."project_id"::text, ''), ('currency', combination."currency"::text, '')) AS part (name, value, key)
WHERE part.value IS NOT NULL
ORDER BY 1, 2;

-- stage
CREATE TEMPORARY TABLE IF NOT EXISTS "stage_milestones_c5288392" (
    set_id bigint,
    "company" text,
    "milestone_id" bigint,
    "contract_id" bigint,
    "contract_line_id" bigint,
    "customer_id" bigint,
    "project_id" bigint,
    "description" text,
    "transaction_date" date,
    "amount" numeric(19,4),
    "currency" text,
    "source_version" bigint
) ON COMMIT DELETE ROWS;

-- received
SELECT
    part.set_id,
    sum(part.row_count)::bigint AS row_count,
    sum(part.content_hash)::text AS content_hash,
    jsonb_agg(jsonb_build_object('rows', part.row_count) ORDER BY part.set_id)::text AS totals
FROM (
    SELECT
        shipped.set_id,
        count(*) AS row_count,
        sum(hash_numeric_extended(
            hash_record_extended(shipped, 0)::numeric, 0
        )) AS content_hash
    FROM (
SELECT * FROM "pg_temp"."stage_milestones_c5288392"
    ) AS shipped
    GROUP BY shipped."set_id"
) AS part
GROUP BY part.set_id;

-- missing
WITH combination AS MATERIALIZED (
    SELECT DISTINCT "stage"."set_id", "stage"."company", "stage"."contract_line_id", "stage"."customer_id", "stage"."project_id", "stage"."currency"
    FROM "pg_temp"."stage_milestones_c5288392" AS stage
)

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
    AND NOT EXISTS (SELECT FROM "finance"."customer" AS t WHERE "t".company = "combination".company AND "t"."customer_id" = "combination"."customer_id")
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
    'currency'::text AS column,
    "combination"."currency"::text AS value
FROM combination
WHERE "combination"."currency" IS NOT NULL
    AND NOT EXISTS (SELECT FROM "finance"."currency" AS t WHERE "t"."currency" = "combination"."currency");

-- apply
INSERT INTO "finance"."on_account_transaction" AS target (
    "company",
    "milestone_id",
    "contract_id",
    "contract_line_id",
    "customer_id",
    "project_id",
    "description",
    "transaction_date",
    "amount",
    "currency",
    "source_version"
)
SELECT
    "stage"."company",
    "stage"."milestone_id",
    "stage"."contract_id",
    "stage"."contract_line_id",
    "stage"."customer_id",
    "stage"."project_id",
    "stage"."description",
    "stage"."transaction_date",
    "stage"."amount",
    "stage"."currency",
    "stage"."source_version"
FROM "pg_temp"."stage_milestones_c5288392" AS stage
ON CONFLICT ("company", "milestone_id") DO UPDATE SET
    "contract_id" = excluded."contract_id",
    "contract_line_id" = excluded."contract_line_id",
    "customer_id" = excluded."customer_id",
    "project_id" = excluded."project_id",
    "description" = excluded."description",
    "transaction_date" = excluded."transaction_date",
    "amount" = excluded."amount",
    "currency" = excluded."currency",
    "source_version" = excluded."source_version"
WHERE target."source_version" < excluded."source_version";
