-- name: wake
-- Only what is not due already changes; a set that is being delivered keeps its lease.
UPDATE dualwrite.pending
SET
    state = 'waiting',
    next_attempt_at = NULL,
    held_by = NULL
WHERE
    (%(company)s::text IS NULL OR company = %(company)s::text)
    AND state::text = any(%(states)s::text[])
    AND (state <> 'waiting' OR next_attempt_at IS NOT NULL OR held_by IS NOT NULL);

-- name: awaited
SELECT
    company,
    map,
    column_name,
    lookup,
    array_agg(DISTINCT value) AS values
FROM dualwrite.waits_for
WHERE %(lookups)s::text[] IS NULL OR lookup = any(%(lookups)s::text[])
GROUP BY company, map, column_name, lookup
ORDER BY company, map, column_name, lookup;

-- name: arrived
DELETE FROM dualwrite.waits_for
WHERE
    company = %(company)s::text
    AND map = %(map)s::text
    AND column_name = %(column_name)s::text
    AND value = any(%(values)s::text[])
RETURNING set_id;

-- name: wake_complete
-- Everything these sets missed has come.
UPDATE dualwrite.pending
SET
    state = 'waiting',
    next_attempt_at = NULL,
    held_by = NULL
WHERE
    company = %(company)s::text
    AND set_id = any(%(set_ids)s::bigint[])
    AND state = 'parked'
    AND NOT EXISTS (
        SELECT
        FROM dualwrite.waits_for
        WHERE waits_for.company = pending.company AND waits_for.set_id = pending.set_id
    );

-- name: free_from_maps
UPDATE dualwrite.pending
SET held_by = NULL
WHERE
    held_by = 'map'
    AND NOT EXISTS (
        SELECT
        FROM dualwrite.map
        WHERE map.map = any(pending.maps) AND map.state IN ('paused', 'halted')
    )
    AND NOT EXISTS (
        SELECT
        FROM dualwrite.map_company
        WHERE
            map_company.company = pending.company
            AND map_company.map = any(pending.maps)
            AND map_company.state IN ('paused', 'halted')
    );
