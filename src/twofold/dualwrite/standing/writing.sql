-- name: unfinished
-- FOR UPDATE: two that write the same rows take turns, and see how far the other has come.
SELECT
    run,
    mode,
    map_hash,
    gap_sets,
    done_upto,
    row_count,
    added_count,
    same_count,
    changed_count,
    newer_count,
    differing_count,
    bad_count
FROM dualwrite.initial_write
WHERE company = %(company)s::text AND map = %(map)s::text AND finished_at IS NULL
FOR UPDATE;

-- name: go_on
UPDATE dualwrite.initial_write
SET
    done_upto = coalesce(%(done_upto)s::text, done_upto),
    added_count = added_count + %(added)s::bigint,
    same_count = same_count + %(same)s::bigint,
    changed_count = changed_count + %(changed)s::bigint,
    newer_count = newer_count + %(newer)s::bigint,
    differing_count = differing_count + %(differing)s::bigint,
    bad_count = bad_count + %(bad)s::bigint
WHERE company = %(company)s::text AND map = %(map)s::text AND run = %(run)s::text;

-- name: set_aside
INSERT INTO dualwrite.bad_row (run, company, map, row_key, lead, field, code, value, reason)
SELECT
    %(run)s::text,
    %(company)s::text,
    %(map)s::text,
    one.row_key,
    one.lead,
    one.field,
    one.code,
    one.value,
    one.reason
FROM
    unnest(
        %(row_keys)s::text[], %(leads)s::text[], %(fields)s::text[], %(codes)s::text[], %(values)s::text[],
        %(reasons)s::text[]
    ) AS one (row_key, lead, field, code, value, reason)
ON CONFLICT DO NOTHING;

-- name: close_gaps
DELETE FROM dualwrite.gap
WHERE company = %(company)s::text AND map = %(map)s::text AND set_id = any(%(set_ids)s::bigint[]);
