-- name: map_states
-- Every map and, with a company, every map that is held for that company only.
SELECT
    NULL::text AS company,
    map,
    state::text AS state,
    cause,
    remedy,
    changed_at,
    changed_by
FROM dualwrite.map
UNION ALL
SELECT
    company,
    map,
    state::text AS state,
    cause,
    remedy,
    changed_at,
    changed_by
FROM dualwrite.map_company
ORDER BY company NULLS FIRST, map;

-- name: lock_states
-- Whoever changes states of maps, or carries them over to the other book, waits here for whoever
-- does so already. Sealing and delivery only read, and are not held up.
SELECT count(*) AS maps
FROM (
    SELECT map.map
    FROM dualwrite.map
    ORDER BY map.map
    FOR NO KEY UPDATE
) AS locked;

-- name: set_state
UPDATE dualwrite.map
SET
    state = %(state)s::text::dualwrite.map_state,
    cause = %(cause)s::text,
    remedy = %(remedy)s::text,
    changed_at = clock_timestamp(),
    changed_by = %(actor)s::text
WHERE map = %(map)s::text;

-- name: hold_for_company
INSERT INTO dualwrite.map_company AS known (company, map, state, cause, remedy, changed_at, changed_by)
VALUES (
    %(company)s::text,
    %(map)s::text,
    %(state)s::text::dualwrite.map_state,
    %(cause)s::text,
    %(remedy)s::text,
    clock_timestamp(),
    %(actor)s::text
)
ON CONFLICT (company, map) DO UPDATE SET
    state = excluded.state,
    cause = excluded.cause,
    remedy = excluded.remedy,
    changed_at = excluded.changed_at,
    changed_by = excluded.changed_by;

-- name: free_for_company
DELETE FROM dualwrite.map_company
WHERE company = %(company)s::text AND map = %(map)s::text;

-- name: take_over_states
-- The states that the deciding book gives; rows that say the same already are left alone.
UPDATE dualwrite.map
SET
    state = decided.state::dualwrite.map_state,
    cause = decided.cause,
    remedy = decided.remedy,
    changed_at = decided.changed_at,
    changed_by = decided.changed_by
FROM
    unnest(
        %(maps)s::text[],
        %(states)s::text[],
        %(causes)s::text[],
        %(remedies)s::text[],
        %(changed)s::timestamptz[],
        %(actors)s::text[]
    ) AS decided (map, state, cause, remedy, changed_at, changed_by)
WHERE
    map.map = decided.map
    AND (map.state::text, map.cause, map.remedy) IS DISTINCT FROM (decided.state, decided.cause, decided.remedy)
RETURNING map.map, NULL::text AS company, map.state::text AS state, map.changed_by;

-- name: take_over_holds
INSERT INTO dualwrite.map_company AS known (company, map, state, cause, remedy, changed_at, changed_by)
SELECT
    decided.company,
    decided.map,
    decided.state::dualwrite.map_state,
    decided.cause,
    decided.remedy,
    decided.changed_at,
    decided.changed_by
FROM
    unnest(
        %(companies)s::text[],
        %(maps)s::text[],
        %(states)s::text[],
        %(causes)s::text[],
        %(remedies)s::text[],
        %(changed)s::timestamptz[],
        %(actors)s::text[]
    ) AS decided (company, map, state, cause, remedy, changed_at, changed_by)
JOIN dualwrite.map ON map.map = decided.map
ON CONFLICT (company, map) DO UPDATE
    SET
        state = excluded.state,
        cause = excluded.cause,
        remedy = excluded.remedy,
        changed_at = excluded.changed_at,
        changed_by = excluded.changed_by
    WHERE (known.state, known.cause, known.remedy) IS DISTINCT FROM (excluded.state, excluded.cause, excluded.remedy)
RETURNING map, company, state::text AS state, changed_by;

-- name: drop_holds
-- Holds that the deciding book no longer has.
DELETE FROM dualwrite.map_company AS known
WHERE
    NOT EXISTS (
        SELECT
        FROM unnest(%(companies)s::text[], %(maps)s::text[]) AS decided (company, map)
        WHERE decided.company = known.company AND decided.map = known.map
    )
RETURNING map, company, 'running' AS state, changed_by;

-- name: gaps
-- What did not travel while a map was stopped, and was not filled since.
SELECT
    company,
    map,
    count(*) AS set_count,
    sum(row_count)::bigint AS row_count,
    min(set_id) AS first_set_id,
    max(set_id) AS last_set_id
FROM dualwrite.gap
WHERE
    (%(maps)s::text[] IS NULL OR map = any(%(maps)s::text[]))
    AND (%(company)s::text IS NULL OR company = %(company)s::text)
GROUP BY company, map
ORDER BY map, company;
