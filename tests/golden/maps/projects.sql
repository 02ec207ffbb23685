-- shipped
SELECT
    captured.set_id,
    (captured.content ->> 'company')::text AS "company",
    (captured.content ->> 'project_id')::bigint AS "project_id",
    (captured.content ->> 'number')::text AS "number",
    (captured.content ->> 'name')::text AS "name",
    (captured.content ->> 'contract_id')::bigint AS "contract_id",
    (captured.content ->> 'customer_id')::bigint AS "customer_id",
    (captured.content ->> 'state')::text AS "state",
    (captured.content ->> 'source_version')::bigint AS "source_version"
FROM dualwrite.captured AS captured
WHERE captured.company = %(company)s::text
    AND captured.set_id = ANY(%(set_ids)s::bigint[])
    AND captured.map = 'projects'
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
    (s."project_id")::bigint AS "project_id",
    (s."number")::text AS "number",
    (s."name")::text AS "name",
    (s."contract_id")::bigint AS "contract_id",
    (s."customer_id")::bigint AS "customer_id",
    (s."state")::text AS "state",
    (change_set."version")::bigint AS "source_version"
FROM dualwrite.outbox AS change_set
JOIN "operations"."project" AS s
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
    'projects',
    row_number() OVER (PARTITION BY shipped.set_id ORDER BY shipped."company", shipped."project_id"),
    to_jsonb(shipped) - 'set_id'
FROM (
SELECT
    change_set.set_id,
    (s."company")::text AS "company",
    (s."project_id")::bigint AS "project_id",
    (s."number")::text AS "number",
    (s."name")::text AS "name",
    (s."contract_id")::bigint AS "contract_id",
    (s."customer_id")::bigint AS "customer_id",
    (s."state")::text AS "state",
    (change_set."version")::bigint AS "source_version"
FROM dualwrite.outbox AS change_set
JOIN "operations"."project" AS s
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
    (captured.content ->> 'project_id')::bigint AS "project_id",
    (captured.content ->> 'number')::text AS "number",
    (captured.content ->> 'name')::text AS "name",
    (captured.content ->> 'contract_id')::bigint AS "contract_id",
    (captured.content ->> 'customer_id')::bigint AS "customer_id",
    (captured.content ->> 'state')::text AS "state",
    (captured.content ->> 'source_version')::bigint AS "source_version"
FROM dualwrite.captured AS captured
WHERE captured.company = %(company)s::text
    AND captured.set_id = ANY(%(set_ids)s::bigint[])
    AND captured.map = 'projects'
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
SELECT DISTINCT "shipped"."contract_id", "shipped"."customer_id"
FROM (
SELECT
    captured.set_id,
    (captured.content ->> 'company')::text AS "company",
    (captured.content ->> 'project_id')::bigint AS "project_id",
    (captured.content ->> 'number')::text AS "number",
    (captured.content ->> 'name')::text AS "name",
    (captured.content ->> 'contract_id')::bigint AS "contract_id",
    (captured.content ->> 'customer_id')::bigint AS "customer_id",
    (captured.content ->> 'state')::text AS "state",
    (captured.content ->> 'source_version')::bigint AS "source_version"
FROM dualwrite.captured AS captured
WHERE captured.company = %(company)s::text
    AND captured.set_id = ANY(%(set_ids)s::bigint[])
    AND captured.map = 'projects'
ORDER BY captured.set_id, captured.row_number
) AS shipped
) AS combination
CROSS JOIN LATERAL (VALUES ('contract_id', combination."contract_id"::text, ''), ('customer_id', combination."customer_id"::text, '')) AS part (name, value, key)
WHERE part.value IS NOT NULL
ORDER BY 1, 2;

-- stage
CREATE TEMPORARY TABLE IF NOT EXISTS "stage_projects_5b71fa33" (
    set_id bigint,
    "company" text,
    "project_id" bigint,
    "number" text,
    "name" text,
    "contract_id" bigint,
    "customer_id" bigint,
    "state" text,
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
SELECT * FROM "pg_temp"."stage_projects_5b71fa33"
    ) AS shipped
    GROUP BY shipped."set_id"
) AS part
GROUP BY part.set_id;

-- missing
WITH combination AS MATERIALIZED (
    SELECT DISTINCT "stage"."set_id", "stage"."company", "stage"."contract_id", "stage"."customer_id"
    FROM "pg_temp"."stage_projects_5b71fa33" AS stage
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
    AND NOT EXISTS (SELECT FROM "finance"."customer" AS t WHERE "t".company = "combination".company AND "t"."customer_id" = "combination"."customer_id");

-- apply
INSERT INTO "finance"."project" AS target (
    "company",
    "project_id",
    "number",
    "name",
    "contract_id",
    "customer_id",
    "state",
    "source_version"
)
SELECT
    "stage"."company",
    "stage"."project_id",
    "stage"."number",
    "stage"."name",
    "stage"."contract_id",
    "stage"."customer_id",
    "stage"."state"::finance.project_state,
    "stage"."source_version"
FROM "pg_temp"."stage_projects_5b71fa33" AS stage
ON CONFLICT ("company", "project_id") DO UPDATE SET
    "number" = excluded."number",
    "name" = excluded."name",
    "contract_id" = excluded."contract_id",
    "customer_id" = excluded."customer_id",
    "state" = excluded."state",
    "source_version" = excluded."source_version"
WHERE target."source_version" < excluded."source_version";
