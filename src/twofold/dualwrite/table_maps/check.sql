-- name: columns
-- The columns of a table or view. A type that only this book has (an enumeration) travels as text.
SELECT
    attribute.attname::text AS "column",
    format_type(attribute.atttypid, attribute.atttypmod) AS type,
    CASE
        WHEN type.typtype = 'e' THEN 'text'
        ELSE format_type(attribute.atttypid, attribute.atttypmod)
    END AS travels_as,
    attribute.attnotnull AND NOT attribute.atthasdef AS is_required
FROM pg_catalog.pg_attribute AS attribute
JOIN pg_catalog.pg_type AS type ON type.oid = attribute.atttypid
WHERE
    attribute.attrelid = to_regclass(%(table)s::text)
    AND attribute.attnum > 0
    AND NOT attribute.attisdropped
ORDER BY attribute.attnum;

-- name: keys
-- The column sets of a table that PostgreSQL keeps unique, for all rows.
SELECT array_agg(attribute.attname::text ORDER BY attribute.attnum) AS columns
FROM pg_catalog.pg_index AS unique_index
JOIN pg_catalog.pg_attribute AS attribute
    ON attribute.attrelid = unique_index.indrelid AND attribute.attnum = any(unique_index.indkey)
WHERE
    unique_index.indrelid = to_regclass(%(table)s::text)
    AND unique_index.indisunique
    AND unique_index.indisvalid
    AND unique_index.indpred IS NULL
    AND unique_index.indexprs IS NULL
GROUP BY unique_index.indexrelid;
