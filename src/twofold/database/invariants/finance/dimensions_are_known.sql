-- Every combination that lines and entries carry is kept, and every value of one is a value of its attribute.
WITH used AS (
    SELECT
        company,
        dimension_set_id
    FROM finance.ledger_entry
    UNION
    SELECT
        company,
        dimension_set_id
    FROM finance.project_transaction
    UNION
    SELECT
        company,
        offset_dimension_set_id
    FROM finance.project_transaction
    UNION
    SELECT
        company,
        dimension_set_id
    FROM finance.journal_line
    UNION
    SELECT
        company,
        offset_dimension_set_id
    FROM finance.journal_line
    UNION
    SELECT
        company,
        dimension_set_id
    FROM finance.proposal_line
    UNION
    SELECT
        company,
        dimension_set_id
    FROM finance.proposal
)

SELECT
    used.company,
    used.dimension_set_id,
    NULL AS attribute,
    NULL AS value
FROM used
LEFT JOIN finance.dimension_set
    ON dimension_set.company = used.company AND dimension_set.dimension_set_id = used.dimension_set_id
WHERE used.dimension_set_id IS NOT NULL AND dimension_set.dimension_set_id IS NULL
UNION ALL
SELECT
    dimension_set.company,
    dimension_set.dimension_set_id,
    pair.key,
    pair.value
FROM finance.dimension_set
CROSS JOIN jsonb_each_text(dimension_set.dimensions) AS pair
LEFT JOIN finance.dimension_value
    ON
        dimension_value.company = dimension_set.company
        AND dimension_value.attribute = pair.key
        AND dimension_value.value = pair.value
WHERE dimension_value.value IS NULL;
