-- What was taken over from finance is one cost of the same figures, and at most one sale of the same quantity;
-- the document is a confirmed journal that holds both.
SELECT
    taken.company,
    taken.cost_actual_id,
    taken.sale_actual_id,
    cost.document || ' line ' || cost.line_number AS record
FROM operations.finance_cost_taken AS taken
JOIN operations.finance_cost AS cost
    ON cost.company = taken.company AND cost.finance_cost_id = taken.finance_cost_id
LEFT JOIN operations.journal
    ON journal.company = taken.company AND journal.journal_id = taken.journal_id AND journal.state = 'confirmed'
LEFT JOIN operations.actual AS made
    ON made.company = taken.company AND made.actual_id = taken.cost_actual_id
LEFT JOIN operations.actual AS sold
    ON sold.company = taken.company AND sold.actual_id = taken.sale_actual_id
WHERE
    (
        made.transaction_type::text, made.class, made.project_id, made.transaction_date, made.quantity, made.price,
        made.amount, made.currency
    ) IS DISTINCT FROM (
        'cost', cost.class, cost.project_id, cost.transaction_date, cost.quantity, cost.price, cost.amount,
        cost.currency
    )
    OR made.actual_id BETWEEN journal.first_actual_id AND journal.last_actual_id IS NOT TRUE
    OR (
        taken.sale_actual_id IS NOT NULL
        AND (
            (sold.transaction_type::text, sold.class, sold.project_id, sold.quantity, sold.skip_sync)
            IS DISTINCT FROM ('unbilled_sales', cost.class, cost.project_id, cost.quantity, false)
            OR sold.actual_id BETWEEN journal.first_actual_id AND journal.last_actual_id IS NOT TRUE
        )
    );
