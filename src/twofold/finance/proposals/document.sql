-- name: document_header
-- The terms as the proposal has them: a due date set by hand does not alter them (spec P32.6).
SELECT
    invoice.invoice_number AS number,
    legal_entity.company,
    legal_entity.name AS company_name,
    proposal.name,
    proposal.description,
    customer.account AS customer_account,
    customer.name AS customer_name,
    proposal.bill_to_name,
    contract.number AS contract_number,
    invoice.invoice_date,
    invoice.due_date,
    terms.payment_terms,
    invoice.currency,
    currency.precision,
    invoice.net_amount,
    invoice.tax_amount,
    invoice.total_amount
FROM finance.customer_invoice AS invoice
JOIN finance.proposal
    ON proposal.company = %(company)s::text AND proposal.proposal_id = invoice.proposal_id
JOIN finance.proposal_terms AS terms
    ON terms.company = %(company)s::text AND terms.proposal_id = invoice.proposal_id
JOIN finance.legal_entity ON legal_entity.company = %(company)s::text
JOIN finance.currency ON currency.currency = invoice.currency
JOIN finance.customer
    ON customer.company = %(company)s::text AND customer.customer_id = invoice.customer_id
LEFT JOIN finance.contract
    ON contract.company = %(company)s::text AND contract.contract_id = proposal.contract_id
WHERE invoice.company = %(company)s::text AND invoice.proposal_id = %(proposal_id)s::bigint;

-- name: document_sections
-- Classes without a place of their own follow in the order of classes, in detail. Fees that are charged
-- on other work are lines of class fee too.
SELECT
    line.class::text AS class_,
    line.line_count,
    line.quantity,
    line.amount,
    coalesce(section.is_detailed, true) AS is_detailed,
    coalesce(section.is_included, true) AS is_included
FROM (
    SELECT
        class,
        count(*) AS line_count,
        sum(quantity) AS quantity,
        sum(amount) AS amount
    FROM (
        SELECT
            staged_actual.class,
            staged_actual.quantity,
            proposal_line.amount
        FROM finance.proposal
        JOIN finance.proposal_line
            ON
                proposal_line.company = %(company)s::text
                AND proposal_line.actual_id BETWEEN proposal.first_actual_id AND proposal.last_actual_id
                AND proposal_line.proposal_id = proposal.proposal_id
        JOIN finance.staged_actual
            ON
                staged_actual.company = %(company)s::text
                AND staged_actual.actual_id = proposal_line.actual_id
        WHERE proposal.company = %(company)s::text AND proposal.proposal_id = %(proposal_id)s::bigint
        UNION ALL
        SELECT
            fee_line.class,
            fee_line.quantity,
            proposal_line.amount
        FROM finance.proposal
        JOIN finance.proposal_line
            ON
                proposal_line.company = %(company)s::text
                AND proposal_line.actual_id BETWEEN -proposal.last_actual_id AND -proposal.first_actual_id
                AND proposal_line.proposal_id = proposal.proposal_id
        JOIN finance.fee_line
            ON fee_line.company = %(company)s::text AND fee_line.actual_id = proposal_line.actual_id
        WHERE proposal.company = %(company)s::text AND proposal.proposal_id = %(proposal_id)s::bigint
    ) AS billed
    GROUP BY class
) AS line
LEFT JOIN finance.proposal_section AS section
    ON
        section.company = %(company)s::text
        AND section.proposal_id = %(proposal_id)s::bigint
        AND section.class = line.class
ORDER BY section.position NULLS LAST, line.class;

-- name: document_lines
WITH line AS (
    SELECT
        proposal_line.actual_id,
        proposal_line.milestone_id,
        proposal_line.credited_id,
        proposal_line.amount,
        staged_actual.class,
        staged_actual.transaction_date,
        staged_actual.project_id,
        staged_actual.resource_id,
        staged_actual.quantity,
        staged_actual.unit,
        staged_actual.price,
        staged_actual.description
    FROM finance.proposal
    JOIN finance.proposal_line
        ON
            proposal_line.company = %(company)s::text
            AND proposal_line.actual_id BETWEEN proposal.first_actual_id AND proposal.last_actual_id
            AND proposal_line.proposal_id = proposal.proposal_id
    JOIN finance.staged_actual
        ON staged_actual.company = %(company)s::text AND staged_actual.actual_id = proposal_line.actual_id
    WHERE proposal.company = %(company)s::text AND proposal.proposal_id = %(proposal_id)s::bigint
    UNION ALL
    SELECT
        proposal_line.actual_id,
        NULL,
        proposal_line.credited_id,
        proposal_line.amount,
        fee_line.class,
        fee_line.transaction_date,
        fee_line.project_id,
        fee_line.resource_id,
        fee_line.quantity,
        'each',
        fee_line.price,
        fee_line.description
    FROM finance.proposal
    JOIN finance.proposal_line
        ON
            proposal_line.company = %(company)s::text
            AND proposal_line.actual_id BETWEEN -proposal.last_actual_id AND -proposal.first_actual_id
            AND proposal_line.proposal_id = proposal.proposal_id
    JOIN finance.fee_line
        ON fee_line.company = %(company)s::text AND fee_line.actual_id = proposal_line.actual_id
    WHERE proposal.company = %(company)s::text AND proposal.proposal_id = %(proposal_id)s::bigint
)

SELECT
    line.class::text AS class_,
    line.transaction_date,
    project.number AS project_number,
    resource.name AS resource_name,
    credited_invoice.invoice_number AS credited_invoice_number,
    line.quantity,
    line.unit,
    line.price,
    line.amount,
    coalesce(line.description, on_account_transaction.description) AS description
FROM line
LEFT JOIN finance.proposal_section AS section
    ON
        section.company = %(company)s::text
        AND section.proposal_id = %(proposal_id)s::bigint
        AND section.class = line.class
LEFT JOIN finance.on_account_transaction
    ON
        on_account_transaction.company = %(company)s::text
        AND on_account_transaction.milestone_id = line.milestone_id
LEFT JOIN finance.invoice_line AS credited
    ON credited.company = %(company)s::text AND credited.actual_id = line.credited_id
LEFT JOIN finance.customer_invoice AS credited_invoice
    ON
        credited_invoice.company = %(company)s::text
        AND credited_invoice.proposal_id = credited.proposal_id
LEFT JOIN finance.project
    ON project.company = %(company)s::text AND project.project_id = line.project_id
LEFT JOIN finance.resource
    ON resource.company = %(company)s::text AND resource.resource_id = line.resource_id
WHERE coalesce(section.is_detailed AND section.is_included, true)
ORDER BY
    section.position NULLS LAST,
    line.class,
    line.transaction_date,
    abs(line.actual_id);

-- name: document_taxes
SELECT
    tax_transaction.tax_code,
    tax_transaction.rate,
    tax_transaction.base_amount,
    tax_transaction.tax_amount,
    coalesce(tax_code.name, '') AS name
FROM finance.customer_invoice AS invoice
JOIN finance.tax_transaction
    ON tax_transaction.company = %(company)s::text AND tax_transaction.voucher = invoice.voucher
LEFT JOIN finance.tax_code
    ON tax_code.company = %(company)s::text AND tax_code.tax_code = tax_transaction.tax_code
WHERE invoice.company = %(company)s::text AND invoice.proposal_id = %(proposal_id)s::bigint
ORDER BY tax_transaction.tax_code, tax_transaction.rate;
