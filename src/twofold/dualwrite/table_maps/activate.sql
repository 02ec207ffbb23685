-- name: record
-- A version is recorded once; what its tables look like is noted anew each time it is activated.
INSERT INTO dualwrite.map_version AS known (
    map, map_version, content_hash, definition, columns, fingerprint, activated_at, activated_by
)
VALUES (
    %(map)s::text,
    %(map_version)s::text,
    %(content_hash)s::text,
    %(definition)s::text,
    %(columns)s::text::jsonb,
    %(fingerprint)s::text::jsonb,
    %(at)s::timestamptz,
    %(actor)s::text
)
ON CONFLICT (
    map, content_hash) DO UPDATE SET fingerprint = excluded.fingerprint
WHERE known.fingerprint <> excluded.fingerprint;

-- name: switch
-- A map that is paused or stopped stays so when its version changes; a retired one runs again.
INSERT INTO dualwrite.map AS known (map, content_hash, position, state, changed_at, changed_by, rolled_back_from)
VALUES (
    %(map)s::text,
    %(content_hash)s::text,
    %(position)s::integer,
    'running',
    %(at)s::timestamptz,
    %(actor)s::text,
    %(rolled_back_from)s::text
)
ON CONFLICT (map) DO UPDATE SET
    content_hash = excluded.content_hash,
    position = excluded.position,
    state = CASE WHEN known.state = 'retired' THEN 'running' ELSE known.state END,
    rolled_back_from = excluded.rolled_back_from,
    changed_at = excluded.changed_at,
    changed_by = excluded.changed_by
WHERE
(known.content_hash, known.position) <> (excluded.content_hash, excluded.position)
OR known.state = 'retired'
OR known.rolled_back_from IS DISTINCT FROM excluded.rolled_back_from;

-- name: retire
UPDATE dualwrite.map
SET
    state = 'retired',
    cause = NULL,
    remedy = NULL,
    changed_at = %(at)s::timestamptz,
    changed_by = %(actor)s::text
WHERE map = %(map)s::text AND state <> 'retired';

-- name: remember
-- The history of a map.
INSERT INTO dualwrite.map_activation (
    map, activation_number, activation, content_hash, activated_at, activated_by, reason
)
SELECT
    %(map)s::text,
    coalesce(max(activation_number), 0) + 1,
    %(activation)s::text,
    %(content_hash)s::text,
    %(at)s::timestamptz,
    %(actor)s::text,
    %(reason)s::text
FROM dualwrite.map_activation
WHERE map = %(map)s::text;

-- name: lock
-- Whoever switches versions, or carries them over to the other book, waits here for whoever does.
SELECT count(*) AS row_count
FROM (
    SELECT map.map
    FROM dualwrite.map
    ORDER BY map.map
    FOR NO KEY UPDATE
) AS locked;

-- name: standing
SELECT
    map.map,
    map.content_hash,
    map.position,
    map.state::text AS state,
    map.rolled_back_from,
    map.changed_at,
    map.changed_by,
    map_version.map_version,
    map_version.definition,
    rolled_back.definition AS rolled_back_definition
FROM dualwrite.map
JOIN dualwrite.map_version
    ON map_version.map = map.map AND map_version.content_hash = map.content_hash
LEFT JOIN dualwrite.map_version AS rolled_back
    ON rolled_back.map = map.map AND rolled_back.content_hash = map.rolled_back_from
ORDER BY map.position, map.map;

-- name: take_over
-- What the operations book decided; only the version, its place, and whether there is such a map.
INSERT INTO dualwrite.map AS known (map, content_hash, position, state, changed_at, changed_by, rolled_back_from)
SELECT
    decided.map,
    decided.content_hash,
    decided.position,
    decided.state::dualwrite.map_state,
    decided.changed_at,
    decided.changed_by,
    decided.rolled_back_from
FROM
    unnest(
        %(maps)s::text[],
        %(content_hashes)s::text[],
        %(positions)s::integer[],
        %(states)s::text[],
        %(changed)s::timestamptz[],
        %(actors)s::text[],
        %(rolled_back)s::text[]
    ) AS decided (map, content_hash, position, state, changed_at, changed_by, rolled_back_from)
ON CONFLICT (map) DO UPDATE
    SET
        content_hash = excluded.content_hash,
        position = excluded.position,
        state = CASE
            WHEN 'retired' IN (known.state, excluded.state) THEN excluded.state
            ELSE known.state
        END,
        rolled_back_from = excluded.rolled_back_from,
        changed_at = excluded.changed_at,
        changed_by = excluded.changed_by
    WHERE
    (known.content_hash, known.position) <> (excluded.content_hash, excluded.position)
    OR (known.state = 'retired') <> (excluded.state = 'retired')
    OR known.rolled_back_from IS DISTINCT FROM excluded.rolled_back_from
RETURNING map;

-- name: history
SELECT
    map_activation.map,
    map_activation.activation_number,
    map_activation.activation,
    map_activation.content_hash,
    map_version.map_version,
    map_activation.activated_at,
    map_activation.activated_by,
    map_activation.reason
FROM dualwrite.map_activation
JOIN dualwrite.map_version
    ON map_version.map = map_activation.map AND map_version.content_hash = map_activation.content_hash
WHERE %(map)s::text IS NULL OR map_activation.map = %(map)s::text
ORDER BY map_activation.map, map_activation.activation_number;

-- name: take_over_history
INSERT INTO dualwrite.map_activation (
    map, activation_number, activation, content_hash, activated_at, activated_by, reason
)
SELECT
    decided.map,
    decided.activation_number,
    decided.activation,
    decided.content_hash,
    decided.activated_at,
    decided.activated_by,
    decided.reason
FROM
    unnest(
        %(maps)s::text[],
        %(numbers)s::bigint[],
        %(activations)s::text[],
        %(content_hashes)s::text[],
        %(times)s::timestamptz[],
        %(actors)s::text[],
        %(reasons)s::text[]
    ) AS decided (map, activation_number, activation, content_hash, activated_at, activated_by, reason)
ON CONFLICT (map, activation_number) DO NOTHING;

-- name: active
SELECT
    map.map,
    map.content_hash,
    map.state::text AS state,
    map_version.definition,
    map_version.columns::text AS columns
FROM dualwrite.map
JOIN dualwrite.map_version
    ON map_version.map = map.map AND map_version.content_hash = map.content_hash
WHERE map.state <> 'retired'
ORDER BY map.position;

-- name: version
SELECT
    map_version.map,
    map_version.content_hash,
    map.state::text AS state,
    map_version.definition,
    map_version.columns::text AS columns
FROM dualwrite.map_version
JOIN dualwrite.map ON map.map = map_version.map
WHERE map_version.map = %(map)s::text AND map_version.content_hash = %(content_hash)s::text;
