-- The actuals of every acknowledged set are staged in finance: per set, type, class and currency
-- the same rows, quantity, amount and content. Rows marked skip sync are never sent.
SELECT
    actual.company,
    actual.change_set_id AS set_id,
    actual.transaction_type::text AS transaction_type,
    actual.class::text AS class,
    actual.currency,
    count(*) AS row_count,
    sum(actual.quantity) AS quantity,
    sum(actual.amount) AS amount,
    sum(
        hashtextextended(
            (
                actual.actual_id, actual.billing_type, actual.transaction_date, actual.accounting_date,
                actual.quantity, actual.price, actual.amount, actual.discount_amount, actual.fee_amount,
                actual.unit, actual.project_id, actual.task_id, actual.resource_id, actual.role_id,
                actual.category_id, actual.contract_id, actual.contract_line_id, actual.customer_id,
                actual.milestone_id, actual.proforma_id
            )::text,
            0
        )::numeric
    ) AS content_hash
FROM operations.actual
JOIN dualwrite.acknowledged
    ON acknowledged.company = actual.company AND acknowledged.set_id = actual.change_set_id
WHERE NOT actual.skip_sync
GROUP BY actual.company, actual.change_set_id, actual.transaction_type, actual.class, actual.currency;
