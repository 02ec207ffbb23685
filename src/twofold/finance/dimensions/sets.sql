-- name: dimensions_are_used
SELECT exists(
    SELECT FROM finance.dimension_value
    WHERE company = %(company)s::text
) AS is_used;

-- name: create_wanted_set
CREATE TEMPORARY TABLE wanted_set (
    dimensions jsonb PRIMARY KEY,
    dimension_set_id bigint
) ON COMMIT DROP;

-- name: add_new_sets
-- In the order of the combinations, so that two transactions cannot wait for each other.
INSERT INTO finance.dimension_set (company, dimensions)
SELECT
    %(company)s::text,
    wanted.dimensions
FROM pg_temp.wanted_set AS wanted
WHERE
    NOT EXISTS (
        SELECT FROM finance.dimension_set AS known
        WHERE known.company = %(company)s::text AND known.dimensions = wanted.dimensions
    )
ORDER BY wanted.dimensions
ON CONFLICT (company, dimensions) DO NOTHING;

-- name: name_sets
UPDATE pg_temp.wanted_set AS wanted
SET dimension_set_id = known.dimension_set_id
FROM finance.dimension_set AS known
WHERE known.company = %(company)s::text AND known.dimensions = wanted.dimensions;

-- name: drop_wanted_set
DROP TABLE pg_temp.wanted_set;
