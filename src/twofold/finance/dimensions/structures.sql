-- name: find_structures
SELECT exists(
    SELECT FROM finance.account_structure
    WHERE company = %(company)s::text
) AS has_structures;

-- name: create_needed_combination
CREATE TEMPORARY TABLE needed_combination (
    account text NOT NULL,
    dimension_set_id bigint NOT NULL,
    PRIMARY KEY (account, dimension_set_id)
) ON COMMIT DROP;

-- name: create_bad_combination
CREATE TEMPORARY TABLE bad_combination (
    account text NOT NULL,
    dimension_set_id bigint NOT NULL,
    problem text NOT NULL,
    PRIMARY KEY (account, dimension_set_id)
) ON COMMIT DROP;

-- name: judge_combinations
-- A required dimension is missing; one is neither required nor optional; a value is not allowed.
-- All that is wrong with a combination is one text.
WITH structured AS (
    SELECT
        needed.account,
        needed.dimension_set_id,
        structure.required,
        structure.allowed,
        structure.required || structure.optional AS taken,
        coalesce(dimension_set.dimensions, '{}') AS dimensions
    FROM pg_temp.needed_combination AS needed
    JOIN finance.account_structure AS structure
        ON
            structure.company = %(company)s::text
            AND needed.account BETWEEN structure.account_from AND structure.account_to
    LEFT JOIN finance.dimension_set
        ON
            dimension_set.company = %(company)s::text
            AND dimension_set.dimension_set_id = needed.dimension_set_id
),

fault AS (
    SELECT
        structured.account,
        structured.dimension_set_id,
        attribute.name || ' missing' AS problem
    FROM structured
    CROSS JOIN unnest(structured.required) AS attribute (name)
    WHERE NOT structured.dimensions ? attribute.name
    UNION ALL
    SELECT
        structured.account,
        structured.dimension_set_id,
        pair.key || CASE
            WHEN pair.key = any(structured.taken) THEN ' ' || pair.value || ' not allowed'
            ELSE ' not taken'
        END
    FROM structured
    CROSS JOIN jsonb_each_text(structured.dimensions) AS pair
    WHERE
        pair.key <> all(structured.taken)
        OR NOT coalesce(structured.allowed -> pair.key ? pair.value, true)
)

INSERT INTO pg_temp.bad_combination (account, dimension_set_id, problem)
SELECT
    account,
    dimension_set_id,
    'account ' || account || ': ' || string_agg(problem, ', ' ORDER BY problem)
FROM fault
GROUP BY account, dimension_set_id;

-- name: analyze_bad_combination
ANALYZE pg_temp.bad_combination;

-- name: drop_combinations
DROP TABLE pg_temp.needed_combination, pg_temp.bad_combination;
