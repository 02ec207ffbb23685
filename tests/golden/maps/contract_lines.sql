-- shipped
SELECT
    captured.set_id,
    (captured.content ->> 'company')::text AS "company",
    (captured.content ->> 'contract_line_id')::bigint AS "contract_line_id",
    (captured.content ->> 'contract_id')::bigint AS "contract_id",
    (captured.content ->> 'line_number')::integer AS "line_number",
    (captured.content ->> 'name')::text AS "name",
    (captured.content ->> 'billing_method')::text AS "billing_method",
    (captured.content ->> 'standalone_price')::numeric(19,4) AS "standalone_price",
    (captured.content ->> 'project_id')::bigint AS "project_id",
    (captured.content ->> 'source_version')::bigint AS "source_version"
FROM dualwrite.captured AS captured
WHERE captured.company = %(company)s::text
    AND captured.set_id = ANY(%(set_ids)s::bigint[])
    AND captured.map = 'contract_lines'
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
    (s."contract_line_id")::bigint AS "contract_line_id",
    (s."contract_id")::bigint AS "contract_id",
    (s."line_number")::integer AS "line_number",
    (s."name")::text AS "name",
    (s."billing_method")::text AS "billing_method",
    (s."standalone_price")::numeric(19,4) AS "standalone_price",
    (s."project_id")::bigint AS "project_id",
    (change_set."version")::bigint AS "source_version"
FROM dualwrite.outbox AS change_set
JOIN "operations"."contract_line" AS s
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
    'contract_lines',
    row_number() OVER (PARTITION BY shipped.set_id ORDER BY shipped."company", shipped."contract_line_id"),
    to_jsonb(shipped) - 'set_id'
FROM (
SELECT
    change_set.set_id,
    (s."company")::text AS "company",
    (s."contract_line_id")::bigint AS "contract_line_id",
    (s."contract_id")::bigint AS "contract_id",
    (s."line_number")::integer AS "line_number",
    (s."name")::text AS "name",
    (s."billing_method")::text AS "billing_method",
    (s."standalone_price")::numeric(19,4) AS "standalone_price",
    (s."project_id")::bigint AS "project_id",
    (change_set."version")::bigint AS "source_version"
FROM dualwrite.outbox AS change_set
JOIN "operations"."contract_line" AS s
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
    (captured.content ->> 'contract_line_id')::bigint AS "contract_line_id",
    (captured.content ->> 'contract_id')::bigint AS "contract_id",
    (captured.content ->> 'line_number')::integer AS "line_number",
    (captured.content ->> 'name')::text AS "name",
    (captured.content ->> 'billing_method')::text AS "billing_method",
    (captured.content ->> 'standalone_price')::numeric(19,4) AS "standalone_price",
    (captured.content ->> 'project_id')::bigint AS "project_id",
    (captured.content ->> 'source_version')::bigint AS "source_version"
FROM dualwrite.captured AS captured
WHERE captured.company = %(company)s::text
    AND captured.set_id = ANY(%(set_ids)s::bigint[])
    AND captured.map = 'contract_lines'
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
SELECT DISTINCT "shipped"."contract_id", "shipped"."project_id"
FROM (
SELECT
    captured.set_id,
    (captured.content ->> 'company')::text AS "company",
    (captured.content ->> 'contract_line_id')::bigint AS "contract_line_id",
    (captured.content ->> 'contract_id')::bigint AS "contract_id",
    (captured.content ->> 'line_number')::integer AS "line_number",
    (captured.content ->> 'name')::text AS "name",
    (captured.content ->> 'billing_method')::text AS "billing_method",
    (captured.content ->> 'standalone_price')::numeric(19,4) AS "standalone_price",
    (captured.content ->> 'project_id')::bigint AS "project_id",
    (captured.content ->> 'source_version')::bigint AS "source_version"
FROM dualwrite.captured AS captured
WHERE captured.company = %(company)s::text
    AND captured.set_id = ANY(%(set_ids)s::bigint[])
    AND captured.map = 'contract_lines'
ORDER BY captured.set_id, captured.row_number
) AS shipped
) AS combination
CROSS JOIN LATERAL (VALUES ('contract_id', combination."contract_id"::text, ''), ('project_id', combination."project_id"::text, '')) AS part (name, value, key)
WHERE part.value IS NOT NULL
ORDER BY 1, 2;

-- stage
CREATE TEMPORARY TABLE IF NOT EXISTS "stage_contract_lines_34052fd4" (
    set_id bigint,
    "company" text,
    "contract_line_id" bigint,
    "contract_id" bigint,
    "line_number" integer,
    "name" text,
    "billing_method" text,
    "standalone_price" numeric(19,4),
    "project_id" bigint,
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
SELECT * FROM "pg_temp"."stage_contract_lines_34052fd4"
    ) AS shipped
    GROUP BY shipped."set_id"
) AS part
GROUP BY part.set_id;

-- missing
WITH combination AS MATERIALIZED (
    SELECT DISTINCT "stage"."set_id", "stage"."company", "stage"."contract_id", "stage"."project_id"
    FROM "pg_temp"."stage_contract_lines_34052fd4" AS stage
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
    'project_id'::text AS column,
    "combination"."project_id"::text AS value
FROM combination
WHERE "combination"."project_id" IS NOT NULL
    AND NOT EXISTS (SELECT FROM "finance"."project" AS t WHERE "t".company = "combination".company AND "t"."project_id" = "combination"."project_id");

-- apply
INSERT INTO "finance"."contract_line" AS target (
    "company",
    "contract_line_id",
    "contract_id",
    "line_number",
    "name",
    "billing_method",
    "standalone_price",
    "project_id",
    "source_version"
)
SELECT
    "stage"."company",
    "stage"."contract_line_id",
    "stage"."contract_id",
    "stage"."line_number",
    "stage"."name",
    "stage"."billing_method"::finance.billing_method,
    "stage"."standalone_price",
    "stage"."project_id",
    "stage"."source_version"
FROM "pg_temp"."stage_contract_lines_34052fd4" AS stage
ON CONFLICT ("company", "contract_line_id") DO UPDATE SET
    "contract_id" = excluded."contract_id",
    "line_number" = excluded."line_number",
    "name" = excluded."name",
    "billing_method" = excluded."billing_method",
    "standalone_price" = excluded."standalone_price",
    "project_id" = excluded."project_id",
    "source_version" = excluded."source_version"
WHERE target."source_version" < excluded."source_version";
