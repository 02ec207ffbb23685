-- name: list_costs
SELECT
    cost.finance_cost_id,
    cost.kind::text AS kind,
    cost.document,
    cost.line_number,
    cost.voucher,
    cost.transaction_date,
    project.number AS project_number,
    cost.quantity,
    cost.amount,
    cost.currency,
    cost.sales_price,
    taken.journal_id,
    taken.cost_actual_id,
    taken.sale_actual_id
FROM operations.finance_cost AS cost
JOIN operations.project
    ON project.company = %(company)s::text AND project.project_id = cost.project_id
LEFT JOIN operations.finance_cost_taken AS taken
    ON taken.company = %(company)s::text AND taken.finance_cost_id = cost.finance_cost_id
WHERE
    cost.company = %(company)s::text
    AND (%(after)s::bigint IS NULL OR cost.finance_cost_id < %(after)s::bigint)
    AND (taken.finance_cost_id IS NULL OR NOT %(is_waiting)s::boolean)
ORDER BY cost.finance_cost_id DESC
LIMIT %(rows_max)s::bigint;
