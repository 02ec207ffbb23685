-- The costs that finance posted itself and knows to have arrived are here as they were sent, and no others.
SELECT
    company,
    finance_cost_id / 1000 * 1000 AS from_cost_id,
    count(*) AS row_count,
    sum(amount) AS amount,
    sum(
        hashtextextended(
            (
                finance_cost_id, kind, document, line_number, voucher, transaction_date, class, project_id, task_id,
                category_id, customer_id, quantity, price, amount, currency, sales_price
            )::text,
            0
        )::numeric
    ) AS content_hash
FROM operations.finance_cost
GROUP BY company, finance_cost_id / 1000;
