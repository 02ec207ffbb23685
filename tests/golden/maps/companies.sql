-- shipped
SELECT
    captured.set_id,
    (captured.content ->> 'company')::text AS "company",
    (captured.content ->> 'name')::text AS "name",
    (captured.content ->> 'accounting_currency')::text AS "accounting_currency",
    (captured.content ->> 'source_version')::bigint AS "source_version"
FROM dualwrite.captured AS captured
WHERE captured.company = %(company)s::text
    AND captured.set_id = ANY(%(set_ids)s::bigint[])
    AND captured.map = 'companies'
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
    (s."name")::text AS "name",
    (s."accounting_currency")::text AS "accounting_currency",
    (change_set."version")::bigint AS "source_version"
FROM dualwrite.outbox AS change_set
JOIN "finance"."legal_entity" AS s
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
    'companies',
    row_number() OVER (PARTITION BY shipped.set_id ORDER BY shipped."company"),
    to_jsonb(shipped) - 'set_id'
FROM (
SELECT
    change_set.set_id,
    (s."company")::text AS "company",
    (s."name")::text AS "name",
    (s."accounting_currency")::text AS "accounting_currency",
    (change_set."version")::bigint AS "source_version"
FROM dualwrite.outbox AS change_set
JOIN "finance"."legal_entity" AS s
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
    (captured.content ->> 'name')::text AS "name",
    (captured.content ->> 'accounting_currency')::text AS "accounting_currency",
    (captured.content ->> 'source_version')::bigint AS "source_version"
FROM dualwrite.captured AS captured
WHERE captured.company = %(company)s::text
    AND captured.set_id = ANY(%(set_ids)s::bigint[])
    AND captured.map = 'companies'
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
SELECT DISTINCT "shipped"."accounting_currency"
FROM (
SELECT
    captured.set_id,
    (captured.content ->> 'company')::text AS "company",
    (captured.content ->> 'name')::text AS "name",
    (captured.content ->> 'accounting_currency')::text AS "accounting_currency",
    (captured.content ->> 'source_version')::bigint AS "source_version"
FROM dualwrite.captured AS captured
WHERE captured.company = %(company)s::text
    AND captured.set_id = ANY(%(set_ids)s::bigint[])
    AND captured.map = 'companies'
ORDER BY captured.set_id, captured.row_number
) AS shipped
) AS combination
CROSS JOIN LATERAL (VALUES ('accounting_currency', combination."accounting_currency"::text, '')) AS part (name, value, key)
WHERE part.value IS NOT NULL
ORDER BY 1, 2;

-- stage
CREATE TEMPORARY TABLE IF NOT EXISTS "stage_companies_20f1ff2b" (
    set_id bigint,
    "company" text,
    "name" text,
    "accounting_currency" text,
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
SELECT * FROM "pg_temp"."stage_companies_20f1ff2b"
    ) AS shipped
    GROUP BY shipped."set_id"
) AS part
GROUP BY part.set_id;

-- missing
WITH combination AS MATERIALIZED (
    SELECT DISTINCT "stage"."set_id", "stage"."company", "stage"."accounting_currency"
    FROM "pg_temp"."stage_companies_20f1ff2b" AS stage
)

SELECT DISTINCT
    combination.set_id,
    'accounting_currency'::text AS column,
    "combination"."accounting_currency"::text AS value
FROM combination
WHERE "combination"."accounting_currency" IS NOT NULL
    AND NOT EXISTS (SELECT FROM "operations"."currency" AS t WHERE "t"."currency" = "combination"."accounting_currency");

-- apply
INSERT INTO "operations"."company" AS target (
    "company",
    "name",
    "accounting_currency",
    "source_version"
)
SELECT
    "stage"."company",
    "stage"."name",
    "stage"."accounting_currency",
    "stage"."source_version"
FROM "pg_temp"."stage_companies_20f1ff2b" AS stage
ON CONFLICT ("company") DO UPDATE SET
    "name" = excluded."name",
    "accounting_currency" = excluded."accounting_currency",
    "source_version" = excluded."source_version"
WHERE target."source_version" < excluded."source_version";
