-- name: record
INSERT INTO dualwrite.map_version (
    map, map_version, content_hash, definition, columns, activated_at, activated_by
)
VALUES (
    %(map)s::text,
    %(map_version)s::text,
    %(content_hash)s::text,
    %(definition)s::text,
    %(columns)s::text::jsonb,
    %(at)s::timestamptz,
    %(actor)s::text
)
ON CONFLICT (map, content_hash) DO NOTHING;

-- name: run
-- A map that is paused or stopped stays so when its version changes.
INSERT INTO dualwrite.map AS known (map, content_hash, position, state, changed_at, changed_by)
VALUES (
    %(map)s::text, %(content_hash)s::text, %(position)s::integer, 'running', %(at)s::timestamptz, %(actor)s::text
)
ON CONFLICT (map) DO UPDATE SET
    content_hash = excluded.content_hash,
    position = excluded.position,
    changed_at = excluded.changed_at,
    changed_by = excluded.changed_by
WHERE known.content_hash <> excluded.content_hash OR known.position <> excluded.position;

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
