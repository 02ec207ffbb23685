-- name: find_unknown
-- An attribute exists when it has values; one that is taken away needs no value.
SELECT
    given.key AS attribute,
    given.value
FROM jsonb_each_text(%(changes)s::jsonb) AS given
WHERE
    NOT EXISTS (
        SELECT FROM finance.dimension_value AS known
        WHERE
            known.company = %(company)s::text
            AND known.attribute = given.key
            AND given.value IN ('', known.value)
    )
ORDER BY given.key;

-- name: create_changed_set
CREATE TEMPORARY TABLE changed_set (
    from_id bigint PRIMARY KEY,
    dimensions jsonb,
    to_id bigint
) ON COMMIT DROP;

-- name: change_sets
UPDATE pg_temp.changed_set AS changed
SET
    dimensions = (
        coalesce(
            (
                SELECT dimension_set.dimensions FROM finance.dimension_set
                WHERE
                    dimension_set.company = %(company)s::text
                    AND dimension_set.dimension_set_id = changed.from_id
            ),
            '{}'
        ) || %(stated)s::jsonb
    ) - %(removed)s::text[];

-- name: want_changed
INSERT INTO pg_temp.wanted_set (dimensions)
SELECT DISTINCT dimensions
FROM pg_temp.changed_set
WHERE dimensions <> '{}';

-- name: name_changed
UPDATE pg_temp.changed_set AS changed
SET to_id = wanted_set.dimension_set_id
FROM pg_temp.wanted_set
WHERE wanted_set.dimensions = changed.dimensions;

-- name: drop_changed_set
DROP TABLE pg_temp.changed_set;
