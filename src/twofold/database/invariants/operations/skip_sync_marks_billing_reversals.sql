-- The reversal of an unbilled sale that was invoiced stays in this book, and so does a cost that finance posts
-- itself: by general journal, by vendor invoice, or because another company lends the person; every other actual
-- is sent.
SELECT
    actual.company,
    actual.transaction_type::text AS transaction_type,
    actual.event::text AS event,
    actual.skip_sync,
    'actual/' || actual.actual_id AS record
FROM operations.actual
LEFT JOIN operations.finance_cost_taken AS taken
    ON taken.company = actual.company AND taken.cost_actual_id = actual.actual_id
LEFT JOIN operations.resource AS lent
    ON
        lent.company = actual.company
        AND lent.resource_id = actual.resource_id
        AND lent.lent_by IS NOT NULL
        AND actual.transaction_type = 'cost'
WHERE
    actual.skip_sync <> (
        (
            actual.transaction_type = 'unbilled_sales'
            AND actual.event = 'invoicing'
            AND actual.reverses_id IS NOT NULL
        )
        OR taken.finance_cost_id IS NOT NULL
        OR lent.resource_id IS NOT NULL
    );
