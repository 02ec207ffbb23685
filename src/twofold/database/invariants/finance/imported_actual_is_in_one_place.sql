-- Every imported cost and unbilled sale, and the fee of each sale, is held, reopened, on a journal, or posted: in
-- exactly one of the four.
WITH placed AS (
    SELECT
        place.company,
        place.actual_id,
        count(*) AS place_count
    FROM (
        SELECT
            company,
            actual_id
        FROM finance.held_actual
        UNION ALL
        SELECT
            company,
            actual_id
        FROM finance.reopened_actual
        UNION ALL
        SELECT
            company,
            actual_id
        FROM finance.journal_line
        UNION ALL
        SELECT
            company,
            actual_id
        FROM finance.project_transaction
    ) AS place
    GROUP BY place.company, place.actual_id
),

imported AS (
    SELECT
        staged_actual.company,
        staged_actual.actual_id
    FROM finance.staged_actual
    LEFT JOIN finance.imported_set
        ON
            imported_set.company = staged_actual.company
            AND imported_set.source_set_id = staged_actual.source_set_id
    LEFT JOIN finance.taken_ahead
        ON
            taken_ahead.company = staged_actual.company
            AND taken_ahead.actual_id = staged_actual.actual_id
    WHERE
        num_nonnulls(imported_set.source_set_id, taken_ahead.actual_id) > 0
        AND staged_actual.transaction_type IN ('cost', 'unbilled_sales')
        AND staged_actual.class <> 'retainer'
    UNION ALL
    SELECT
        fee_line.company,
        fee_line.actual_id
    FROM finance.fee_line
    LEFT JOIN finance.imported_set
        ON
            imported_set.company = fee_line.company
            AND imported_set.source_set_id = fee_line.source_set_id
    LEFT JOIN finance.taken_ahead
        ON taken_ahead.company = fee_line.company AND taken_ahead.actual_id = -fee_line.actual_id
    WHERE
        num_nonnulls(imported_set.source_set_id, taken_ahead.actual_id) > 0
        AND fee_line.transaction_type = 'unbilled_sales'
)

SELECT
    coalesce(imported.company, placed.company) AS company,
    coalesce(imported.actual_id, placed.actual_id) AS actual_id,
    imported.actual_id IS NOT NULL AS is_imported,
    coalesce(placed.place_count, 0) AS place_count
FROM imported
FULL JOIN placed
    ON placed.company = imported.company AND placed.actual_id = imported.actual_id
WHERE imported.actual_id IS NULL OR coalesce(placed.place_count, 0) <> 1;
