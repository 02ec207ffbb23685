-- What is staged, by the set it came with.
SELECT
    company,
    source_set_id AS set_id,
    transaction_type::text AS transaction_type,
    class::text AS class,
    currency,
    count(*) AS row_count,
    sum(quantity) AS quantity,
    sum(amount) AS amount,
    sum(
        hashtextextended(
            (
                actual_id, billing_type, transaction_date, accounting_date, quantity, price, amount, discount_amount,
                fee_amount, unit, project_id, task_id, resource_id, role_id, category_id, contract_id, contract_line_id,
                customer_id, milestone_id, proforma_id
            )::text,
            0
        )::numeric
    ) AS content_hash
FROM finance.staged_actual
GROUP BY company, source_set_id, transaction_type, class, currency;
