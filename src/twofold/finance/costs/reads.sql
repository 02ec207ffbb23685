-- name: list_costs
SELECT
    cost.posted_cost_id,
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
    cost.offset_account,
    cost.description
FROM finance.posted_cost AS cost
JOIN finance.project
    ON project.company = %(company)s::text AND project.project_id = cost.project_id
WHERE
    cost.company = %(company)s::text
    AND cost.kind = %(kind)s::finance.cost_document_kind
    AND (%(after)s::bigint IS NULL OR cost.posted_cost_id < %(after)s::bigint)
    AND (%(project)s::text = '' OR project.number = %(project)s::text)
    AND (%(period_from)s::date IS NULL OR cost.accounting_date >= %(period_from)s::date)
    AND (%(period_to)s::date IS NULL OR cost.accounting_date <= %(period_to)s::date)
ORDER BY cost.posted_cost_id DESC
LIMIT %(rows_max)s::bigint;
