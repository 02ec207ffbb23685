-- Where a staged row can wait: not imported, held, reopened, on a journal, on a proposal (for good, if it
-- is not chargeable), or posted and not reported.
WITH waiting AS (
    SELECT
        staged.company,
        staged.actual_id
    FROM finance.staged_actual AS staged
    WHERE
        staged.transaction_type <> 'billed_sales'
        AND NOT (staged.class = 'retainer' AND staged.transaction_type = 'unbilled_sales')
        AND NOT EXISTS (
            SELECT FROM finance.imported_set
            WHERE imported_set.company = staged.company AND imported_set.source_set_id = staged.source_set_id
        )
        AND NOT EXISTS (
            SELECT FROM finance.taken_ahead
            WHERE taken_ahead.company = staged.company AND taken_ahead.actual_id = staged.actual_id
        )
    UNION ALL
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
        staged.company,
        staged.actual_id
    FROM finance.staged_actual AS staged
    WHERE
        staged.transaction_type = 'billed_sales'
        AND NOT EXISTS (
            SELECT FROM finance.invoice_line
            WHERE invoice_line.company = staged.company AND invoice_line.actual_id = staged.actual_id
        )
    UNION ALL
    SELECT
        detail.company,
        detail.actual_id
    FROM finance.accounting_detail AS detail
    WHERE NOT EXISTS (
        SELECT FROM dualwrite.acknowledged
        WHERE acknowledged.company = detail.company AND acknowledged.set_id = detail.change_set_id
    )
)

SELECT
    waiting.company,
    staged.transaction_type::text AS transaction_type,
    count(*) AS row_count,
    sum(staged.amount) AS amount
FROM waiting
JOIN finance.staged_actual AS staged
    ON staged.company = waiting.company AND staged.actual_id = waiting.actual_id
GROUP BY waiting.company, staged.transaction_type;
