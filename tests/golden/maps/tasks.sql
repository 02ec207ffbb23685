-- shipped
SELECT
    captured.set_id,
    (captured.content ->> 'company')::text AS "company",
    (captured.content ->> 'task_id')::bigint AS "task_id",
    (captured.content ->> 'project_id')::bigint AS "project_id",
    (captured.content ->> 'wbs')::text AS "wbs",
    (captured.content ->> 'name')::text AS "name",
    (captured.content ->> 'source_version')::bigint AS "source_version"
FROM dualwrite.captured AS captured
WHERE captured.company = %(company)s::text
    AND captured.set_id = ANY(%(set_ids)s::bigint[])
    AND captured.map = 'tasks'
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
    (s."task_id")::bigint AS "task_id",
    (s."project_id")::bigint AS "project_id",
    (s."wbs")::text AS "wbs",
    (s."name")::text AS "name",
    (change_set."version")::bigint AS "source_version"
FROM dualwrite.outbox AS change_set
JOIN "operations"."task" AS s
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
    'tasks',
    row_number() OVER (PARTITION BY shipped.set_id ORDER BY shipped."company", shipped."task_id"),
    to_jsonb(shipped) - 'set_id'
FROM (
SELECT
    change_set.set_id,
    (s."company")::text AS "company",
    (s."task_id")::bigint AS "task_id",
    (s."project_id")::bigint AS "project_id",
    (s."wbs")::text AS "wbs",
    (s."name")::text AS "name",
    (change_set."version")::bigint AS "source_version"
FROM dualwrite.outbox AS change_set
JOIN "operations"."task" AS s
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
    (captured.content ->> 'task_id')::bigint AS "task_id",
    (captured.content ->> 'project_id')::bigint AS "project_id",
    (captured.content ->> 'wbs')::text AS "wbs",
    (captured.content ->> 'name')::text AS "name",
    (captured.content ->> 'source_version')::bigint AS "source_version"
FROM dualwrite.captured AS captured
WHERE captured.company = %(company)s::text
    AND captured.set_id = ANY(%(set_ids)s::bigint[])
    AND captured.map = 'tasks'
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
SELECT DISTINCT "shipped"."project_id"
FROM (
SELECT
    captured.set_id,
    (captured.content ->> 'company')::text AS "company",
    (captured.content ->> 'task_id')::bigint AS "task_id",
    (captured.content ->> 'project_id')::bigint AS "project_id",
    (captured.content ->> 'wbs')::text AS "wbs",
    (captured.content ->> 'name')::text AS "name",
    (captured.content ->> 'source_version')::bigint AS "source_version"
FROM dualwrite.captured AS captured
WHERE captured.company = %(company)s::text
    AND captured.set_id = ANY(%(set_ids)s::bigint[])
    AND captured.map = 'tasks'
ORDER BY captured.set_id, captured.row_number
) AS shipped
) AS combination
CROSS JOIN LATERAL (VALUES ('project_id', combination."project_id"::text, '')) AS part (name, value, key)
WHERE part.value IS NOT NULL
ORDER BY 1, 2;

-- stage
CREATE TEMPORARY TABLE IF NOT EXISTS "stage_tasks_2eb31dc4" (
    set_id bigint,
    "company" text,
    "task_id" bigint,
    "project_id" bigint,
    "wbs" text,
    "name" text,
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
SELECT * FROM "pg_temp"."stage_tasks_2eb31dc4"
    ) AS shipped
    GROUP BY shipped."set_id"
) AS part
GROUP BY part.set_id;

-- missing
WITH combination AS MATERIALIZED (
    SELECT DISTINCT "stage"."set_id", "stage"."company", "stage"."project_id"
    FROM "pg_temp"."stage_tasks_2eb31dc4" AS stage
)

SELECT DISTINCT
    combination.set_id,
    'project_id'::text AS column,
    "combination"."project_id"::text AS value
FROM combination
WHERE "combination"."project_id" IS NOT NULL
    AND NOT EXISTS (SELECT FROM "finance"."project" AS t WHERE "t".company = "combination".company AND "t"."project_id" = "combination"."project_id");

-- apply
INSERT INTO "finance"."task" AS target (
    "company",
    "task_id",
    "project_id",
    "wbs",
    "name",
    "source_version"
)
SELECT
    "stage"."company",
    "stage"."task_id",
    "stage"."project_id",
    "stage"."wbs",
    "stage"."name",
    "stage"."source_version"
FROM "pg_temp"."stage_tasks_2eb31dc4" AS stage
ON CONFLICT ("company", "task_id") DO UPDATE SET
    "project_id" = excluded."project_id",
    "wbs" = excluded."wbs",
    "name" = excluded."name",
    "source_version" = excluded."source_version"
WHERE target."source_version" < excluded."source_version";
