-- name: list_costs
SELECT
    cost.document,
    cost.line_number,
    cost.voucher,
    cost.accounting_date,
    project.number AS project_number,
    cost.category_number,
    cost.quantity,
    cost.amount AS cost_amount,
    cost.recoverable_tax_amount,
    cost.currency,
    cost.accounting_amount,
    cost.cost_account,
    cost.offset_account
FROM finance.posted_cost AS cost
JOIN finance.project
    ON project.company = %(company)s::text AND project.project_id = cost.project_id
WHERE cost.company = %(company)s::text AND cost.kind = %(kind)s::finance.cost_document_kind
ORDER BY cost.posted_cost_id DESC
LIMIT %(rows_max)s::bigint;
