-- name: columns
-- The columns of tables or views, with what the role of this session may do with them. A type
-- that only this book has (an enumeration) travels as text. Codes are the labels of an
-- enumeration; checks are the conditions on the column alone, as the server writes them.
SELECT
    asked.name AS table_name,
    attribute.attname::text AS column_name,
    format_type(attribute.atttypid, attribute.atttypmod) AS type,
    CASE
        WHEN type.typtype = 'e' THEN 'text'
        ELSE format_type(attribute.atttypid, attribute.atttypmod)
    END AS travels_as,
    relation.relkind IN ('v', 'm') AS is_of_view,
    NOT attribute.attnotnull AS is_nullable,
    attribute.attnotnull AND NOT attribute.atthasdef AND attribute.attidentity = '' AS is_required,
    attribute.attgenerated <> '' OR attribute.attidentity = 'a' AS is_computed,
    coalesce(pg_collation.collisdeterministic, true) AS is_deterministic,
    array(
        SELECT enumlabel::text
        FROM pg_catalog.pg_enum
        WHERE enumtypid = attribute.atttypid
        ORDER BY enumsortorder
    ) AS codes,
    array(
        SELECT pg_get_constraintdef(pg_constraint.oid)
        FROM pg_catalog.pg_constraint
        WHERE conrelid = relation.oid AND contype = 'c' AND conkey = ARRAY[attribute.attnum]
        ORDER BY conname
    ) AS checks,
    has_column_privilege(relation.oid, attribute.attnum, 'SELECT') AS may_select,
    has_column_privilege(relation.oid, attribute.attnum, 'INSERT') AS may_insert,
    has_column_privilege(relation.oid, attribute.attnum, 'UPDATE') AS may_update
FROM unnest(%(tables)s::text[]) AS asked (name)
JOIN pg_catalog.pg_class AS relation ON relation.oid = to_regclass(asked.name)
JOIN pg_catalog.pg_attribute AS attribute ON attribute.attrelid = relation.oid
JOIN pg_catalog.pg_type AS type ON type.oid = attribute.atttypid
LEFT JOIN pg_catalog.pg_collation ON pg_collation.oid = attribute.attcollation
WHERE attribute.attnum > 0 AND NOT attribute.attisdropped
ORDER BY asked.name, attribute.attnum;

-- name: keys
-- What unique indexes keep unique for all rows. One that is not valid proves nothing.
SELECT
    asked.name AS table_name,
    bool_and(unique_index.indisvalid AND unique_index.indisready) AS is_valid,
    array_agg(attribute.attname::text ORDER BY attribute.attnum) AS columns
FROM unnest(%(tables)s::text[]) AS asked (name)
JOIN pg_catalog.pg_index AS unique_index ON unique_index.indrelid = to_regclass(asked.name)
-- Columns that an index only includes are no part of what is unique.
CROSS JOIN LATERAL generate_series(0, unique_index.indnkeyatts - 1) AS place (number)
JOIN pg_catalog.pg_attribute AS attribute
    ON attribute.attrelid = unique_index.indrelid AND attribute.attnum = unique_index.indkey[place.number]
WHERE
    unique_index.indisunique
    AND unique_index.indpred IS NULL
    AND unique_index.indexprs IS NULL
GROUP BY asked.name, unique_index.indexrelid;

-- name: conversions
-- Which of these conversions a cast of the server makes, and whether the rows of a type can be
-- hashed. Text into anything else only looks like a conversion: it fails at the first wrong row.
SELECT
    given.name,
    (
        to_regtype(given.from_type) = to_regtype(given.to_type)
        OR EXISTS (
            SELECT
            FROM pg_catalog.pg_cast
            WHERE castsource = to_regtype(given.from_type) AND casttarget = to_regtype(given.to_type)
        )
        OR wanted.typcategory = 'S'
    ) AS converts,
    (
        EXISTS (
            SELECT
            FROM pg_catalog.pg_opclass
            JOIN pg_catalog.pg_am ON pg_am.oid = pg_opclass.opcmethod AND pg_am.amname = 'hash'
            WHERE
                pg_opclass.opcdefault
                AND pg_opclass.opcintype
                IN (
                    coalesce(nullif(wanted.typelem, 0), wanted.oid),
                    coalesce(nullif(wanted.typbasetype, 0), wanted.oid)
                )
        )
        OR wanted.typcategory = 'S'
    ) AS is_hashed
FROM unnest(%(names)s::text[], %(from_types)s::text[], %(to_types)s::text[]) AS given (name, from_type, to_type)
JOIN pg_catalog.pg_type AS wanted ON wanted.oid = to_regtype(given.to_type);

-- name: server
SELECT
    getdatabaseencoding()::text AS encoding,
    current_setting('TimeZone') AS time_zone,
    current_setting('server_version_num')::integer / 10000 AS major;
