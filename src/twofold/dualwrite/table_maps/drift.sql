-- name: differences
-- The columns of this book that are not as maps found them when they were activated, and columns
-- that were not there then. Reads the catalogue as it is now, whatever the snapshot.
WITH asked AS (
    SELECT DISTINCT
        given.map_id AS map,
        given.content_hash
    FROM unnest(%(maps)s::text[], %(content_hashes)s::text[]) AS given (map_id, content_hash)
),

recorded AS (
    SELECT
        asked.map,
        shape.content ->> 'table_name' AS table_name,
        shape.content ->> 'column_name' AS column_name,
        shape.content ->> 'type' AS type,
        (shape.content ->> 'is_nullable')::boolean AS is_nullable,
        (shape.content ->> 'is_required')::boolean AS is_required,
        (shape.content ->> 'is_used')::boolean AS is_used,
        (shape.content ->> 'is_own')::boolean AS is_own
    FROM asked
    JOIN dualwrite.map_version
        ON map_version.map = asked.map AND map_version.content_hash = asked.content_hash
    CROSS JOIN LATERAL jsonb_array_elements(map_version.fingerprint -> %(side)s::text) AS shape (content)
),

tables AS (
    SELECT
        map,
        table_name,
        bool_or(is_own) AS is_own,
        to_regclass(table_name) AS relation
    FROM recorded
    GROUP BY map, table_name
),

found AS (
    SELECT
        tables.map,
        tables.table_name,
        tables.is_own,
        attribute.attname::text AS column_name,
        format_type(attribute.atttypid, attribute.atttypmod) AS type,
        NOT attribute.attnotnull AS is_nullable,
        attribute.attnotnull AND NOT attribute.atthasdef AND attribute.attidentity = '' AS is_required
    FROM tables
    JOIN pg_catalog.pg_attribute AS attribute ON attribute.attrelid = tables.relation
    WHERE attribute.attnum > 0 AND NOT attribute.attisdropped
)

SELECT
    recorded.type AS was_type,
    found.type AS is_type,
    coalesce(recorded.map, found.map) AS map,
    coalesce(recorded.table_name, found.table_name) AS table_name,
    coalesce(recorded.column_name, found.column_name) AS column_name,
    coalesce(recorded.is_used, false) AS is_used,
    coalesce(recorded.is_nullable, true) AS was_nullable,
    coalesce(found.is_nullable, true) AS is_nullable,
    coalesce(recorded.is_required, false) AS was_required,
    coalesce(found.is_required, false) AS is_required
FROM recorded
FULL JOIN found
    ON
        found.map = recorded.map
        AND found.table_name = recorded.table_name
        AND found.column_name = recorded.column_name
WHERE
    (recorded.map IS NULL AND found.is_own)
    OR (recorded.is_used AND found.map IS NULL)
    OR (recorded.type, recorded.is_nullable, recorded.is_required)
    <> (found.type, found.is_nullable, found.is_required)
ORDER BY coalesce(recorded.map, found.map), coalesce(recorded.table_name, found.table_name), column_name;
