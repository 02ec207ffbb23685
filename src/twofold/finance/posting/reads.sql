-- name: list_invoices
-- Newest number first.
SELECT
    customer_invoice.proposal_id,
    customer_invoice.invoice_number,
    proposal.number AS proposal_number,
    proposal.name,
    customer_invoice.voucher,
    customer_invoice.invoice_date,
    customer_invoice.due_date,
    expected_payment.expected_on,
    customer.account AS customer_account,
    customer.name AS customer_name,
    proposal.bill_to_name,
    proposal.payment_terms,
    customer_invoice.currency,
    customer_invoice.exchange_rate,
    customer_invoice.net_amount,
    customer_invoice.tax_amount,
    customer_invoice.total_amount,
    proposal.line_count,
    customer_invoice.posted_by,
    customer_invoice.posted_at
FROM finance.customer_invoice
JOIN finance.proposal
    ON proposal.company = customer_invoice.company AND proposal.proposal_id = customer_invoice.proposal_id
JOIN finance.expected_payment
    ON
        expected_payment.company = customer_invoice.company
        AND expected_payment.proposal_id = customer_invoice.proposal_id
LEFT JOIN finance.customer
    ON customer.company = customer_invoice.company AND customer.customer_id = customer_invoice.customer_id
WHERE
    customer_invoice.company = %(company)s::text
    AND (%(number)s::text IS NULL OR customer_invoice.invoice_number = %(number)s::text)
    AND (%(after)s::text IS NULL OR customer_invoice.invoice_number < %(after)s::text)
    AND (
        %(customer)s::text = ''
        OR customer.account = %(customer)s::text
        OR strpos(lower(customer.name), lower(%(customer)s::text)) > 0
    )
    AND (%(day_from)s::date IS NULL OR customer_invoice.invoice_date >= %(day_from)s::date)
    AND (%(day_to)s::date IS NULL OR customer_invoice.invoice_date <= %(day_to)s::date)
    AND (
        NOT %(only_open)s::boolean
        OR EXISTS (
            SELECT FROM finance.customer_position AS position
            WHERE
                position.company = %(company)s::text
                AND position.voucher = customer_invoice.voucher
                AND position.open_amount <> 0
        )
    )
ORDER BY customer_invoice.invoice_number DESC
LIMIT %(rows_max)s::integer;

-- name: invoice_taxes
SELECT
    tax_transaction.tax_code,
    tax_transaction.rate,
    tax_transaction.base_amount,
    tax_transaction.tax_amount,
    tax_transaction.accounting_base_amount,
    tax_transaction.accounting_tax_amount,
    coalesce(tax_code.name, '') AS name
FROM finance.tax_transaction
LEFT JOIN finance.tax_code
    ON tax_code.company = tax_transaction.company AND tax_code.tax_code = tax_transaction.tax_code
WHERE
    tax_transaction.company = %(company)s::text
    AND tax_transaction.voucher = %(voucher)s::text
ORDER BY tax_transaction.tax_code;

-- name: invoice_customer_transaction
SELECT
    voucher,
    transaction_date,
    due_date,
    posting_profile,
    currency,
    exchange_rate,
    amount,
    accounting_amount
FROM finance.customer_transaction
WHERE
    company = %(company)s::text
    AND voucher = %(voucher)s::text;

-- name: invoice_lines
-- The fee of a line is shown with it, and counted in its tax and in the accounting currency. Keys of the
-- proposal are known before lines are looked for: else all lines of the book are read for a page of them.
WITH block AS (
    SELECT
        first_actual_id,
        last_actual_id
    FROM finance.proposal
    WHERE company = %(company)s::text AND proposal_id = %(proposal_id)s::bigint
),

page AS (
    SELECT *
    FROM finance.invoice_line
    WHERE
        company = %(company)s::text
        AND proposal_id = %(proposal_id)s::bigint
        AND actual_id > %(after)s::bigint
        AND actual_id >= (SELECT block.first_actual_id FROM block)
        AND actual_id <= (SELECT block.last_actual_id FROM block)
    ORDER BY actual_id
    LIMIT %(rows_max)s::integer
)

SELECT
    invoice_line.actual_id,
    proposal_line.transaction_id,
    proposal_line.milestone_id,
    proposal_line.on_account_origin::text AS on_account_origin,
    proposal_line.credited_id,
    credited_invoice.invoice_number AS credited_invoice_number,
    staged_actual.class::text AS class_,
    staged_actual.transaction_date,
    project.number AS project_number,
    resource.name AS resource_name,
    staged_actual.quantity,
    staged_actual.price,
    staged_actual.currency,
    proposal_line.amount,
    staged_actual.discount_amount,
    invoice_line.accounting_date,
    invoice_line.exchange_rate,
    coalesce(fee.amount, 0) AS fee_amount,
    proposal_line.tax_amount + coalesce(fee.tax_amount, 0) AS tax_amount,
    invoice_line.accounting_amount + coalesce(posted_fee.accounting_amount, 0) AS accounting_amount,
    invoice_line.sales_tax_amount + coalesce(posted_fee.sales_tax_amount, 0) AS sales_tax_amount,
    invoice_line.accrual_reversed_amount + coalesce(posted_fee.accrual_reversed_amount, 0)
        AS accrual_reversed_amount,
    coalesce(staged_actual.description, on_account_transaction.description) AS description
FROM page AS invoice_line
JOIN finance.proposal_line
    ON proposal_line.company = invoice_line.company AND proposal_line.actual_id = invoice_line.actual_id
JOIN finance.staged_actual
    ON staged_actual.company = invoice_line.company AND staged_actual.actual_id = invoice_line.actual_id
LEFT JOIN finance.on_account_transaction
    ON
        on_account_transaction.company = proposal_line.company
        AND on_account_transaction.milestone_id = proposal_line.milestone_id
LEFT JOIN finance.invoice_line AS credited
    ON credited.company = proposal_line.company AND credited.actual_id = proposal_line.credited_id
LEFT JOIN finance.customer_invoice AS credited_invoice
    ON credited_invoice.company = credited.company AND credited_invoice.proposal_id = credited.proposal_id
LEFT JOIN finance.project
    ON project.company = staged_actual.company AND project.project_id = staged_actual.project_id
LEFT JOIN finance.resource
    ON resource.company = staged_actual.company AND resource.resource_id = staged_actual.resource_id
LEFT JOIN finance.proposal_line AS fee
    ON fee.company = proposal_line.company AND fee.actual_id = -proposal_line.actual_id
LEFT JOIN finance.invoice_line AS posted_fee
    ON posted_fee.company = fee.company AND posted_fee.actual_id = fee.actual_id
ORDER BY invoice_line.actual_id;
