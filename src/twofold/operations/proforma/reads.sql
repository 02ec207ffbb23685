-- name: list_proformas
SELECT
    proforma.proforma_id,
    proforma.number,
    proforma.name,
    contract.number AS contract_number,
    customer.account AS customer_account,
    customer.name AS customer_name,
    proforma.currency,
    status.state,
    bulk.state::text AS bulk_state,
    proforma.accounting_date,
    proforma.detail_count,
    proforma.total_amount,
    proforma.created_by,
    proforma.created_at,
    invoice.invoice_number
FROM operations.proforma
JOIN operations.proforma_status AS status
    ON status.company = %(company)s::text AND status.proforma_id = proforma.proforma_id
JOIN operations.contract
    ON contract.company = %(company)s::text AND contract.contract_id = proforma.contract_id
JOIN operations.customer
    ON customer.company = %(company)s::text AND customer.customer_id = proforma.customer_id
LEFT JOIN operations.bulk_confirmation AS bulk
    ON bulk.company = %(company)s::text AND bulk.proforma_id = proforma.proforma_id
LEFT JOIN operations.customer_invoice AS invoice
    ON invoice.company = %(company)s::text AND invoice.proforma_id = proforma.proforma_id
WHERE
    proforma.company = %(company)s::text
    AND proforma.proforma_id > %(after_id)s::bigint
    AND (%(state)s::text IS NULL OR status.state = %(state)s::text)
    AND (cardinality(%(bulk_states)s::text[]) = 0 OR bulk.state::text = any(%(bulk_states)s::text[]))
ORDER BY proforma.proforma_id
LIMIT %(rows_max)s::bigint;

-- name: find_proformas
-- As people look for them: the newest first.
SELECT
    proforma.proforma_id,
    proforma.number,
    proforma.name,
    contract.number AS contract_number,
    customer.account AS customer_account,
    customer.name AS customer_name,
    proforma.currency,
    status.state,
    bulk.state::text AS bulk_state,
    proforma.accounting_date,
    proforma.detail_count,
    proforma.total_amount,
    proforma.created_by,
    proforma.created_at,
    invoice.invoice_number
FROM operations.proforma
JOIN operations.proforma_status AS status
    ON status.company = %(company)s::text AND status.proforma_id = proforma.proforma_id
JOIN operations.contract
    ON contract.company = %(company)s::text AND contract.contract_id = proforma.contract_id
JOIN operations.customer
    ON customer.company = %(company)s::text AND customer.customer_id = proforma.customer_id
LEFT JOIN operations.bulk_confirmation AS bulk
    ON bulk.company = %(company)s::text AND bulk.proforma_id = proforma.proforma_id
LEFT JOIN operations.customer_invoice AS invoice
    ON invoice.company = %(company)s::text AND invoice.proforma_id = proforma.proforma_id
WHERE
    proforma.company = %(company)s::text
    AND (%(before_id)s::bigint IS NULL OR proforma.proforma_id < %(before_id)s::bigint)
    AND (%(state)s::text IS NULL OR status.state = %(state)s::text)
    AND (%(contract)s::text IS NULL OR contract.number = %(contract)s::text)
    AND (%(customer)s::text IS NULL OR customer.account = %(customer)s::text)
    AND (%(created_by)s::text IS NULL OR proforma.created_by = %(created_by)s::text)
    AND (
        %(from_on)s::date IS NULL
        OR coalesce(proforma.accounting_date, (proforma.created_at AT TIME ZONE 'UTC')::date) >= %(from_on)s::date
    )
    AND (
        %(up_to)s::date IS NULL
        OR coalesce(proforma.accounting_date, (proforma.created_at AT TIME ZONE 'UTC')::date) <= %(up_to)s::date
    )
ORDER BY proforma.proforma_id DESC
LIMIT %(rows_max)s::bigint;

-- name: show_proforma
SELECT
    proforma.proforma_id,
    proforma.number,
    proforma.name,
    proforma.description,
    contract.number AS contract_number,
    contract.name AS contract_name,
    customer.account AS customer_account,
    customer.name AS customer_name,
    proforma.bill_to_name,
    proforma.payment_terms,
    proforma.currency,
    status.state,
    bulk.state::text AS bulk_state,
    bulk.reasons AS bulk_reasons,
    proforma.accounting_date,
    proforma.has_corrections,
    proforma.corrects_number,
    proforma.revision,
    proforma.changed_by,
    proforma.changed_at,
    proforma.detail_count,
    proforma.detail_amount,
    proforma.tax_amount,
    proforma.total_amount,
    proforma.created_by,
    proforma.created_at,
    proforma.confirmed_by,
    proforma.confirmed_at,
    proforma.change_set_id,
    proforma.billable_count,
    invoice.invoice_number,
    invoice.invoice_date,
    invoice.due_date,
    invoice.voucher,
    invoice.tax_amount AS invoice_tax_amount,
    invoice.total_amount AS invoice_total_amount
FROM operations.proforma
JOIN operations.proforma_status AS status
    ON status.company = %(company)s::text AND status.proforma_id = proforma.proforma_id
JOIN operations.contract
    ON contract.company = %(company)s::text AND contract.contract_id = proforma.contract_id
JOIN operations.customer
    ON customer.company = %(company)s::text AND customer.customer_id = proforma.customer_id
LEFT JOIN operations.bulk_confirmation AS bulk
    ON bulk.company = %(company)s::text AND bulk.proforma_id = proforma.proforma_id
LEFT JOIN operations.customer_invoice AS invoice
    ON invoice.company = %(company)s::text AND invoice.proforma_id = proforma.proforma_id
WHERE proforma.company = %(company)s::text AND proforma.number = %(number)s::text;

-- name: list_lines
WITH placed AS (
    SELECT
        proforma_line_id,
        count(*) AS detail_count
    FROM operations.proforma_detail
    WHERE company = %(company)s::text AND proforma_id = %(proforma_id)s::bigint
    GROUP BY proforma_line_id
)

SELECT
    line.proforma_line_id,
    agreed.line_number,
    line.name,
    line.billing_method::text AS billing_method,
    project.number AS project_number,
    line.invoiced_till_date_amount,
    line.chargeable_amount,
    line.non_chargeable_amount,
    line.complimentary_amount,
    line.tax_amount,
    coalesce(placed.detail_count, 0) AS detail_count
FROM operations.proforma_line AS line
JOIN operations.contract_line AS agreed
    ON agreed.company = %(company)s::text AND agreed.contract_line_id = line.contract_line_id
LEFT JOIN operations.project
    ON project.company = %(company)s::text AND project.project_id = line.project_id
LEFT JOIN placed ON placed.proforma_line_id = line.proforma_line_id
WHERE line.company = %(company)s::text AND line.proforma_id = %(proforma_id)s::bigint
ORDER BY agreed.line_number;

-- name: list_details
SELECT
    detail.proforma_detail_id,
    agreed.line_number,
    detail.actual_id,
    detail.milestone_id,
    detail.retainer_id,
    detail.retainer_use::text AS retainer_use,
    detail.corrects_id,
    detail.previous_amount,
    detail.class::text AS transaction_class,
    detail.billing_type::text AS billing_type,
    detail.transaction_date,
    detail.quantity,
    detail.unit,
    detail.price,
    detail.amount,
    detail.discount_amount,
    detail.fee_amount,
    detail.tax_amount,
    detail.description,
    project.number AS project_number,
    resource.name AS resource_name,
    role.name AS role_name,
    category.name AS category_name
FROM operations.proforma_detail AS detail
LEFT JOIN operations.contract_line AS agreed
    ON agreed.company = %(company)s::text AND agreed.contract_line_id = detail.contract_line_id
LEFT JOIN operations.actual AS sale
    ON sale.company = %(company)s::text AND sale.actual_id = coalesce(detail.actual_id, detail.corrects_id)
LEFT JOIN operations.milestone
    ON milestone.company = %(company)s::text AND milestone.milestone_id = detail.milestone_id
LEFT JOIN operations.project
    ON
        project.company = %(company)s::text
        AND project.project_id = coalesce(sale.project_id, milestone.project_id, detail.project_id)
LEFT JOIN operations.resource
    ON resource.company = %(company)s::text AND resource.resource_id = coalesce(sale.resource_id, detail.resource_id)
LEFT JOIN operations.role ON role.role_id = coalesce(sale.role_id, detail.role_id)
LEFT JOIN operations.transaction_category AS category
    ON category.category_id = coalesce(sale.category_id, detail.category_id)
WHERE
    detail.company = %(company)s::text
    AND detail.proforma_id = %(proforma_id)s::bigint
    AND detail.proforma_detail_id > %(after_id)s::bigint
ORDER BY detail.proforma_detail_id
LIMIT %(rows_max)s::bigint;

-- name: billed_of
SELECT bill.actual_id
FROM operations.proforma
JOIN operations.actual AS bill
    ON
        bill.company = %(company)s::text
        AND bill.actual_id BETWEEN proforma.first_actual_id AND proforma.last_actual_id
        AND bill.proforma_detail_id = any(%(detail_ids)s::bigint[])
        AND bill.transaction_type = 'billed_sales'
        AND bill.reverses_id IS NULL
WHERE proforma.company = %(company)s::text AND proforma.proforma_id = %(proforma_id)s::bigint
ORDER BY bill.actual_id;

-- name: precision_of
SELECT precision
FROM operations.currency
WHERE currency = %(currency)s::text;
