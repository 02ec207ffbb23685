-- shipped
SELECT
    captured.set_id,
    (captured.content ->> 'company')::text AS "company",
    (captured.content ->> 'rate_type')::text AS "rate_type",
    (captured.content ->> 'from_currency')::text AS "from_currency",
    (captured.content ->> 'to_currency')::text AS "to_currency",
    (captured.content ->> 'valid_from')::date AS "valid_from",
    (captured.content ->> 'rate')::numeric(19,9) AS "rate",
    (captured.content ->> 'source_version')::bigint AS "source_version"
FROM dualwrite.captured AS captured
WHERE captured.company = %(company)s::text
    AND captured.set_id = ANY(%(set_ids)s::bigint[])
    AND captured.map = 'exchange_rates'
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
    (s."rate_type")::text AS "rate_type",
    (s."from_currency")::text AS "from_currency",
    (s."to_currency")::text AS "to_currency",
    (s."valid_from")::date AS "valid_from",
    (s."rate")::numeric(19,9) AS "rate",
    (change_set."version")::bigint AS "source_version"
FROM dualwrite.outbox AS change_set
JOIN "finance"."ledger_exchange_rate" AS s
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
    'exchange_rates',
    row_number() OVER (PARTITION BY shipped.set_id ORDER BY shipped."company", shipped."rate_type", shipped."from_currency", shipped."to_currency", shipped."valid_from"),
    to_jsonb(shipped) - 'set_id'
FROM (
SELECT
    change_set.set_id,
    (s."company")::text AS "company",
    (s."rate_type")::text AS "rate_type",
    (s."from_currency")::text AS "from_currency",
    (s."to_currency")::text AS "to_currency",
    (s."valid_from")::date AS "valid_from",
    (s."rate")::numeric(19,9) AS "rate",
    (change_set."version")::bigint AS "source_version"
FROM dualwrite.outbox AS change_set
JOIN "finance"."ledger_exchange_rate" AS s
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
    (captured.content ->> 'rate_type')::text AS "rate_type",
    (captured.content ->> 'from_currency')::text AS "from_currency",
    (captured.content ->> 'to_currency')::text AS "to_currency",
    (captured.content ->> 'valid_from')::date AS "valid_from",
    (captured.content ->> 'rate')::numeric(19,9) AS "rate",
    (captured.content ->> 'source_version')::bigint AS "source_version"
FROM dualwrite.captured AS captured
WHERE captured.company = %(company)s::text
    AND captured.set_id = ANY(%(set_ids)s::bigint[])
    AND captured.map = 'exchange_rates'
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
SELECT DISTINCT "shipped"."company", "shipped"."from_currency", "shipped"."to_currency"
FROM (
SELECT
    captured.set_id,
    (captured.content ->> 'company')::text AS "company",
    (captured.content ->> 'rate_type')::text AS "rate_type",
    (captured.content ->> 'from_currency')::text AS "from_currency",
    (captured.content ->> 'to_currency')::text AS "to_currency",
    (captured.content ->> 'valid_from')::date AS "valid_from",
    (captured.content ->> 'rate')::numeric(19,9) AS "rate",
    (captured.content ->> 'source_version')::bigint AS "source_version"
FROM dualwrite.captured AS captured
WHERE captured.company = %(company)s::text
    AND captured.set_id = ANY(%(set_ids)s::bigint[])
    AND captured.map = 'exchange_rates'
ORDER BY captured.set_id, captured.row_number
) AS shipped
) AS combination
CROSS JOIN LATERAL (VALUES ('company', combination."company"::text, ''), ('from_currency', combination."from_currency"::text, ''), ('to_currency', combination."to_currency"::text, '')) AS part (name, value, key)
WHERE part.value IS NOT NULL
ORDER BY 1, 2;

-- stage
CREATE TEMPORARY TABLE IF NOT EXISTS "stage_exchange_rates_f8005afb" (
    set_id bigint,
    "company" text,
    "rate_type" text,
    "from_currency" text,
    "to_currency" text,
    "valid_from" date,
    "rate" numeric(19,9),
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
SELECT * FROM "pg_temp"."stage_exchange_rates_f8005afb"
    ) AS shipped
    GROUP BY shipped."set_id"
) AS part
GROUP BY part.set_id;

-- missing
WITH combination AS MATERIALIZED (
    SELECT DISTINCT "stage"."set_id", "stage"."company", "stage"."from_currency", "stage"."to_currency"
    FROM "pg_temp"."stage_exchange_rates_f8005afb" AS stage
)

SELECT DISTINCT
    combination.set_id,
    'company'::text AS column,
    "combination"."company"::text AS value
FROM combination
WHERE "combination"."company" IS NOT NULL
    AND NOT EXISTS (SELECT FROM "operations"."company" AS t WHERE "t".company = "combination".company AND "t"."company" = "combination"."company")
UNION ALL
SELECT DISTINCT
    combination.set_id,
    'from_currency'::text AS column,
    "combination"."from_currency"::text AS value
FROM combination
WHERE "combination"."from_currency" IS NOT NULL
    AND NOT EXISTS (SELECT FROM "operations"."currency" AS t WHERE "t"."currency" = "combination"."from_currency")
UNION ALL
SELECT DISTINCT
    combination.set_id,
    'to_currency'::text AS column,
    "combination"."to_currency"::text AS value
FROM combination
WHERE "combination"."to_currency" IS NOT NULL
    AND NOT EXISTS (SELECT FROM "operations"."currency" AS t WHERE "t"."currency" = "combination"."to_currency");

-- apply
INSERT INTO "operations"."exchange_rate" AS target (
    "company",
    "rate_type",
    "from_currency",
    "to_currency",
    "valid_from",
    "rate",
    "source_version"
)
SELECT
    "stage"."company",
    "stage"."rate_type",
    "stage"."from_currency",
    "stage"."to_currency",
    "stage"."valid_from",
    "stage"."rate",
    "stage"."source_version"
FROM "pg_temp"."stage_exchange_rates_f8005afb" AS stage
ON CONFLICT ("company", "rate_type", "from_currency", "to_currency", "valid_from") DO UPDATE SET
    "rate" = excluded."rate",
    "source_version" = excluded."source_version"
WHERE target."source_version" < excluded."source_version";
