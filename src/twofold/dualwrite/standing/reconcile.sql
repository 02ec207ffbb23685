-- name: begin
SELECT
    to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYYMMDD"T"HH24MISS"."US') AS run,
    clock_timestamp() AS started_at;

-- name: record
INSERT INTO dualwrite.reconciliation (
    run, company, map, map_hash, period, chain_number, last_set_id, in_flight_sets, overdue_sets, lost_sets,
    in_flight_rows, accepted_rows, gap_rows, excluded_rows, older_rows, source_rows, target_rows, differing_buckets,
    difference_count, is_located, is_complete, started_at, actor
)
VALUES (
    %(run)s::text, %(company)s::text, %(map)s::text, %(map_hash)s::text, %(period)s::text,
    %(chain_number)s::bigint, %(last_set_id)s::bigint, %(in_flight_sets)s::bigint, %(overdue_sets)s::bigint,
    %(lost_sets)s::bigint, %(in_flight_rows)s::bigint, %(accepted_rows)s::bigint, %(gap_rows)s::bigint,
    %(excluded_rows)s::bigint, %(older_rows)s::bigint, %(source_rows)s::bigint, %(target_rows)s::bigint,
    %(differing_buckets)s::bigint, %(difference_count)s::bigint, %(is_located)s::boolean,
    %(is_complete)s::boolean, %(started_at)s::timestamptz, %(actor)s::text
);

-- name: record_periods
INSERT INTO dualwrite.reconciled_period (
    run, company, map, period, source_rows, target_rows, differing_buckets
)
SELECT
    %(run)s::text,
    %(company)s::text,
    %(map)s::text,
    one.period,
    one.source_rows,
    one.target_rows,
    one.differing_buckets
FROM unnest(
    %(periods)s::text[], %(source_rows)s::bigint[], %(target_rows)s::bigint[], %(differing)s::bigint[]
) AS one (period, source_rows, target_rows, differing_buckets);

-- name: record_differences
INSERT INTO dualwrite.difference (
    run, company, map, row_key, field, kind, source_value, target_value, source_hash, target_hash
)
SELECT
    %(run)s::text,
    %(company)s::text,
    %(map)s::text,
    one.row_key,
    one.field,
    one.kind,
    one.source_value,
    one.target_value,
    one.source_hash,
    one.target_hash
FROM unnest(
    %(row_keys)s::text[], %(fields)s::text[], %(kinds)s::text[], %(source_values)s::text[],
    %(target_values)s::text[], %(source_hashes)s::bigint[], %(target_hashes)s::bigint[]
) AS one (row_key, field, kind, source_value, target_value, source_hash, target_hash);

-- name: last_looks
SELECT
    company,
    max(finished_at) > clock_timestamp() - %(hours)s::integer * interval '1 hour' AS is_fresh
FROM dualwrite.reconciliation
WHERE map = %(map)s::text AND period IS NULL AND is_complete
GROUP BY company;

-- name: recorded
SELECT
    run,
    map,
    company,
    map_hash,
    period,
    started_at,
    finished_at,
    source_rows,
    target_rows,
    older_rows,
    overdue_sets,
    difference_count,
    differing_buckets,
    is_located,
    is_complete,
    actor
FROM dualwrite.reconciliation
WHERE
    (%(run)s::text IS NULL OR run = %(run)s::text)
    AND (%(company)s::text IS NULL OR company = %(company)s::text)
ORDER BY finished_at DESC, map ASC, company ASC
LIMIT %(rows_max)s::integer;

-- name: recorded_differences
SELECT
    row_key,
    kind,
    field,
    source_value,
    target_value,
    source_hash,
    target_hash
FROM dualwrite.difference
WHERE company = %(company)s::text AND map = %(map)s::text AND run = %(run)s::text
ORDER BY row_key, field;
