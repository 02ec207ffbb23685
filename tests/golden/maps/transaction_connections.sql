-- shipped
SELECT
    change_set.set_id,
    (s."company")::text AS "company",
    (s."transaction1_id")::bigint AS "transaction1_id",
    (s."transaction1_role")::text AS "transaction1_role",
    (s."transaction2_id")::bigint AS "transaction2_id",
    (s."transaction2_role")::text AS "transaction2_role"
FROM dualwrite.outbox AS change_set
CROSS JOIN LATERAL (
    SELECT block.*
    FROM "operations"."actual_connection" AS block
    WHERE block.company = change_set.company
        AND block."transaction1_id" BETWEEN change_set.key_first AND change_set.key_last
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
    jsonb_agg(jsonb_build_object('rows', part.row_count, 'transaction1_role', part."transaction1_role") ORDER BY part."transaction1_role" COLLATE "C")::text AS totals
FROM (
    SELECT
        shipped.set_id,
        shipped."transaction1_role"::text AS "transaction1_role",
        count(*) AS row_count,
        sum(hash_numeric_extended(
            hash_record_extended(shipped, 0)::numeric, 0
        )) AS content_hash
    FROM (
SELECT
    change_set.set_id,
    (s."company")::text AS "company",
    (s."transaction1_id")::bigint AS "transaction1_id",
    (s."transaction1_role")::text AS "transaction1_role",
    (s."transaction2_id")::bigint AS "transaction2_id",
    (s."transaction2_role")::text AS "transaction2_role"
FROM dualwrite.outbox AS change_set
CROSS JOIN LATERAL (
    SELECT block.*
    FROM "operations"."actual_connection" AS block
    WHERE block.company = change_set.company
        AND block."transaction1_id" BETWEEN change_set.key_first AND change_set.key_last
    OFFSET 0
) AS s
WHERE change_set.company = %(company)s::text
    AND change_set.set_id = ANY(%(set_ids)s::bigint[])
    AND coalesce(s."change_set_id" = change_set.set_id, false)
    AND (NOT s.skip_sync)
    ) AS shipped
    GROUP BY shipped."set_id", shipped."transaction1_role"
) AS part
GROUP BY part.set_id;

-- excluded
SELECT
    change_set.set_id,
    count(*) AS row_count
FROM dualwrite.outbox AS change_set
CROSS JOIN LATERAL (
    SELECT block.*
    FROM "operations"."actual_connection" AS block
    WHERE block.company = change_set.company
        AND block."transaction1_id" BETWEEN change_set.key_first AND change_set.key_last
    OFFSET 0
) AS s
WHERE change_set.company = %(company)s::text
    AND change_set.set_id = ANY(%(set_ids)s::bigint[])
    AND coalesce(s."change_set_id" = change_set.set_id, false)
    AND (NOT s.skip_sync) IS NOT TRUE
GROUP BY change_set.set_id;

-- stage
CREATE TEMPORARY TABLE IF NOT EXISTS "stage_transaction_connections_dfec947b" (
    set_id bigint,
    "company" text,
    "transaction1_id" bigint,
    "transaction1_role" text,
    "transaction2_id" bigint,
    "transaction2_role" text
) ON COMMIT DELETE ROWS;

-- received
SELECT
    part.set_id,
    sum(part.row_count)::bigint AS row_count,
    sum(part.content_hash)::text AS content_hash,
    jsonb_agg(jsonb_build_object('rows', part.row_count, 'transaction1_role', part."transaction1_role") ORDER BY part."transaction1_role" COLLATE "C")::text AS totals
FROM (
    SELECT
        shipped.set_id,
        shipped."transaction1_role"::text AS "transaction1_role",
        count(*) AS row_count,
        sum(hash_numeric_extended(
            hash_record_extended(shipped, 0)::numeric, 0
        )) AS content_hash
    FROM (
SELECT * FROM "pg_temp"."stage_transaction_connections_dfec947b"
    ) AS shipped
    GROUP BY shipped."set_id", shipped."transaction1_role"
) AS part
GROUP BY part.set_id;

-- apply
INSERT INTO "finance"."staged_connection" AS target (
    "company",
    "transaction1_id",
    "transaction1_role",
    "transaction2_id",
    "transaction2_role"
)
SELECT
    "stage"."company",
    "stage"."transaction1_id",
    "stage"."transaction1_role"::finance.connection_role,
    "stage"."transaction2_id",
    "stage"."transaction2_role"::finance.connection_role
FROM "pg_temp"."stage_transaction_connections_dfec947b" AS stage;
