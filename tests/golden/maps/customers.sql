-- shipped
SELECT
    captured.set_id,
    (captured.content ->> 'company')::text AS "company",
    (captured.content ->> 'customer_id')::bigint AS "customer_id",
    (captured.content ->> 'account')::text AS "account",
    (captured.content ->> 'name')::text AS "name",
    (captured.content ->> 'currency')::text AS "currency",
    (captured.content ->> 'payment_terms')::text AS "payment_terms",
    (captured.content ->> 'source_version')::bigint AS "source_version"
FROM dualwrite.captured AS captured
WHERE captured.company = %(company)s::text
    AND captured.set_id = ANY(%(set_ids)s::bigint[])
    AND captured.map = 'customers'
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
    (s."customer_id")::bigint AS "customer_id",
    (s."account")::text AS "account",
    (s."name")::text AS "name",
    (s."currency")::text AS "currency",
    (s."payment_terms")::text AS "payment_terms",
    (change_set."version")::bigint AS "source_version"
FROM dualwrite.outbox AS change_set
JOIN "operations"."customer" AS s
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
    'customers',
    row_number() OVER (PARTITION BY shipped.set_id ORDER BY shipped."company", shipped."customer_id"),
    to_jsonb(shipped) - 'set_id'
FROM (
SELECT
    change_set.set_id,
    (s."company")::text AS "company",
    (s."customer_id")::bigint AS "customer_id",
    (s."account")::text AS "account",
    (s."name")::text AS "name",
    (s."currency")::text AS "currency",
    (s."payment_terms")::text AS "payment_terms",
    (change_set."version")::bigint AS "source_version"
FROM dualwrite.outbox AS change_set
JOIN "operations"."customer" AS s
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
    (captured.content ->> 'customer_id')::bigint AS "customer_id",
    (captured.content ->> 'account')::text AS "account",
    (captured.content ->> 'name')::text AS "name",
    (captured.content ->> 'currency')::text AS "currency",
    (captured.content ->> 'payment_terms')::text AS "payment_terms",
    (captured.content ->> 'source_version')::bigint AS "source_version"
FROM dualwrite.captured AS captured
WHERE captured.company = %(company)s::text
    AND captured.set_id = ANY(%(set_ids)s::bigint[])
    AND captured.map = 'customers'
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
SELECT DISTINCT "shipped"."currency"
FROM (
SELECT
    captured.set_id,
    (captured.content ->> 'company')::text AS "company",
    (captured.content ->> 'customer_id')::bigint AS "customer_id",
    (captured.content ->> 'account')::text AS "account",
    (captured.content ->> 'name')::text AS "name",
    (captured.content ->> 'currency')::text AS "currency",
    (captured.content ->> 'payment_terms')::text AS "payment_terms",
    (captured.content ->> 'source_version')::bigint AS "source_version"
FROM dualwrite.captured AS captured
WHERE captured.company = %(company)s::text
    AND captured.set_id = ANY(%(set_ids)s::bigint[])
    AND captured.map = 'customers'
ORDER BY captured.set_id, captured.row_number
) AS shipped
) AS combination
CROSS JOIN LATERAL (VALUES ('currency', combination."currency"::text, '')) AS part (name, value, key)
WHERE part.value IS NOT NULL
ORDER BY 1, 2;

-- stage
CREATE TEMPORARY TABLE IF NOT EXISTS "stage_customers_638b9fe1" (
    set_id bigint,
    "company" text,
    "customer_id" bigint,
    "account" text,
    "name" text,
    "currency" text,
    "payment_terms" text,
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
SELECT * FROM "pg_temp"."stage_customers_638b9fe1"
    ) AS shipped
    GROUP BY shipped."set_id"
) AS part
GROUP BY part.set_id;

-- missing
WITH combination AS MATERIALIZED (
    SELECT DISTINCT "stage"."set_id", "stage"."company", "stage"."currency"
    FROM "pg_temp"."stage_customers_638b9fe1" AS stage
)

SELECT DISTINCT
    combination.set_id,
    'currency'::text AS column,
    "combination"."currency"::text AS value
FROM combination
WHERE "combination"."currency" IS NOT NULL
    AND NOT EXISTS (SELECT FROM "finance"."currency" AS t WHERE "t"."currency" = "combination"."currency");

-- apply
INSERT INTO "finance"."customer" AS target (
    "company",
    "customer_id",
    "account",
    "name",
    "currency",
    "payment_terms",
    "source_version"
)
SELECT
    "stage"."company",
    "stage"."customer_id",
    "stage"."account",
    "stage"."name",
    "stage"."currency",
    "stage"."payment_terms",
    "stage"."source_version"
FROM "pg_temp"."stage_customers_638b9fe1" AS stage
ON CONFLICT ("company", "customer_id") DO UPDATE SET
    "account" = excluded."account",
    "name" = excluded."name",
    "currency" = excluded."currency",
    "payment_terms" = excluded."payment_terms",
    "source_version" = excluded."source_version"
WHERE target."source_version" < excluded."source_version";
