-- The costs that finance posted itself, in sets that operations has acknowledged.
SELECT
    cost.company,
    cost.posted_cost_id / 1000 * 1000 AS from_cost_id,
    count(*) AS row_count,
    sum(cost.amount) AS amount,
    sum(
        hashtextextended(
            (
                cost.posted_cost_id, cost.kind, cost.document, cost.line_number, cost.voucher, cost.accounting_date,
                cost.class, cost.project_id, cost.task_id, cost.category_id, cost.customer_id, cost.quantity,
                cost.price, cost.amount, cost.currency, cost.sales_price
            )::text,
            0
        )::numeric
    ) AS content_hash
FROM finance.posted_cost AS cost
JOIN dualwrite.acknowledged
    ON acknowledged.company = cost.company AND acknowledged.set_id = cost.change_set_id
WHERE NOT cost.is_intercompany
GROUP BY cost.company, cost.posted_cost_id / 1000;
