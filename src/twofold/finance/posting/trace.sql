-- name: find_documents
-- What a number given by a person may mean. Proposals by their number, by the number of their
-- invoice or its voucher, or by key; actuals by key.
SELECT
    'proposal' AS kind,
    proposal_id AS key,
    number AS name
FROM finance.proposal
WHERE
    company = %(company)s::text
    AND number = %(number)s::text
UNION
SELECT
    'proposal',
    customer_invoice.proposal_id,
    proposal.number
FROM finance.customer_invoice
JOIN finance.proposal
    ON proposal.company = customer_invoice.company AND proposal.proposal_id = customer_invoice.proposal_id
WHERE
    customer_invoice.company = %(company)s::text
    AND (customer_invoice.invoice_number = %(number)s::text OR customer_invoice.voucher = %(number)s::text)
UNION
SELECT
    'proposal',
    proposal_id,
    number
FROM finance.proposal
WHERE
    company = %(company)s::text
    AND proposal_id = %(key)s::bigint
UNION
SELECT
    'actual',
    actual_id,
    actual_id::text
FROM finance.staged_actual
WHERE
    company = %(company)s::text
    AND actual_id = %(key)s::bigint
ORDER BY kind DESC, key ASC;

-- name: trace_proposal
SELECT
    proposal.proposal_id,
    proposal.number,
    proposal.name,
    customer.account AS customer_account,
    customer.name AS customer_name,
    proposal.state::text AS state,
    proposal.currency,
    proposal.accounting_date,
    proposal.confirmed_at,
    arrived.applied_at AS arrived_at,
    imported_set.imported_at,
    proposal.review::text AS review,
    proposal.first_actual_id,
    proposal.last_actual_id,
    proposal.billable_count,
    proposal.line_count,
    proposal.net_amount,
    proposal.tax_amount,
    proposal.total_amount,
    customer_invoice.invoice_number,
    customer_invoice.voucher,
    customer_invoice.exchange_rate,
    customer_invoice.posted_by,
    customer_invoice.posted_at,
    acknowledged.applied_at AS reported_at,
    (
        SELECT count(*)
        FROM finance.staged_actual
        WHERE
            staged_actual.company = proposal.company
            AND staged_actual.actual_id BETWEEN proposal.first_actual_id AND proposal.last_actual_id
            AND staged_actual.transaction_type = 'billed_sales'
    ) AS staged_count,
    (
        SELECT count(*)
        FROM finance.proposal_problem
        WHERE
            proposal_problem.company = proposal.company
            AND proposal_problem.proposal_id = proposal.proposal_id
    ) AS problem_count,
    coalesce(parameter.proposals_need_approval, false) AS needs_approval,
    coalesce(customer_invoice.invoice_date, proposal.invoice_date) AS invoice_date,
    coalesce(customer_invoice.due_date, proposal.due_date) AS due_date
FROM finance.proposal
LEFT JOIN finance.customer
    ON customer.company = proposal.company AND customer.customer_id = proposal.customer_id
LEFT JOIN finance.customer_invoice
    ON customer_invoice.company = proposal.company AND customer_invoice.proposal_id = proposal.proposal_id
LEFT JOIN dualwrite.acknowledged
    ON acknowledged.company = customer_invoice.company AND acknowledged.set_id = customer_invoice.change_set_id
LEFT JOIN finance.staged_actual AS first_bill
    ON first_bill.company = proposal.company AND first_bill.actual_id = proposal.first_actual_id
LEFT JOIN dualwrite.inbox AS arrived
    ON
        arrived.company = first_bill.company
        AND arrived.source = 'operations'
        AND arrived.set_id = first_bill.source_set_id
LEFT JOIN finance.imported_set
    ON
        imported_set.company = first_bill.company
        AND imported_set.source_set_id = first_bill.source_set_id
LEFT JOIN finance.parameter ON parameter.company = proposal.company
WHERE
    proposal.company = %(company)s::text
    AND proposal.proposal_id = %(proposal_id)s::bigint;

-- name: proposal_journals
-- The journals that posted the unbilled sales a proposal bills, with their fees.
WITH block AS (
    SELECT
        first_actual_id,
        last_actual_id
    FROM finance.proposal
    WHERE company = %(company)s::text AND proposal_id = %(proposal_id)s::bigint
),

line AS (
    SELECT transaction_id
    FROM finance.proposal_line
    WHERE
        company = %(company)s::text
        AND proposal_id = %(proposal_id)s::bigint
        AND actual_id >= (SELECT block.first_actual_id FROM block)
        AND actual_id <= (SELECT block.last_actual_id FROM block)
    UNION ALL
    SELECT transaction_id
    FROM finance.proposal_line
    WHERE
        company = %(company)s::text
        AND proposal_id = %(proposal_id)s::bigint
        AND actual_id >= (SELECT -block.last_actual_id FROM block)
        AND actual_id <= (SELECT -block.first_actual_id FROM block)
)

SELECT
    journal.number,
    journal.state::text AS state,
    journal.posted_at,
    journal.posted_by,
    count(*) AS line_count,
    min(project_transaction.voucher) AS voucher_first,
    max(project_transaction.voucher) AS voucher_last,
    sum(project_transaction.accounting_amount) AS accounting_amount,
    sum(project_transaction.accrued_amount) AS accrued_amount,
    max(acknowledged.applied_at) AS reported_at
FROM line
JOIN finance.project_transaction
    ON
        project_transaction.company = %(company)s::text
        AND project_transaction.actual_id = line.transaction_id
JOIN finance.journal
    ON journal.company = project_transaction.company AND journal.journal_id = project_transaction.journal_id
LEFT JOIN dualwrite.acknowledged
    ON acknowledged.company = journal.company AND acknowledged.set_id = journal.change_set_id
GROUP BY journal.journal_id, journal.number, journal.state, journal.posted_at, journal.posted_by
ORDER BY journal.number;

-- name: proposal_actuals
-- The billed sales of a proposal with the unbilled sale and the cost behind each.
SELECT
    staged_actual.actual_id AS billed_id,
    unbilled.transaction2_id AS unbilled_id,
    cost.transaction2_id AS cost_id
FROM finance.proposal
JOIN finance.staged_actual
    ON
        staged_actual.company = proposal.company
        AND staged_actual.actual_id BETWEEN proposal.first_actual_id AND proposal.last_actual_id
        AND staged_actual.transaction_type = 'billed_sales'
LEFT JOIN finance.staged_connection AS unbilled
    ON
        unbilled.company = staged_actual.company
        AND unbilled.transaction1_id = staged_actual.actual_id
        AND unbilled.transaction2_role = 'unbilled_sales'
LEFT JOIN finance.staged_connection AS cost
    ON
        cost.company = unbilled.company
        AND cost.transaction1_id = unbilled.transaction2_id
        AND cost.transaction2_role = 'cost'
WHERE
    proposal.company = %(company)s::text
    AND proposal.proposal_id = %(proposal_id)s::bigint
    AND staged_actual.actual_id > %(after)s::bigint
ORDER BY staged_actual.actual_id
LIMIT %(rows_max)s::integer;

-- name: connected_actuals
-- The family of one actual: cost, unbilled and billed sales, reversals. Connections are kept by
-- their newer end; the older end is looked for among all, which a person may wait for.
WITH RECURSIVE family (actual_id, distance) AS (
    SELECT
        %(actual_id)s::bigint,
        0
    UNION
    SELECT
        CASE family.actual_id
            WHEN staged_connection.transaction1_id THEN staged_connection.transaction2_id
            ELSE staged_connection.transaction1_id
        END,
        family.distance + 1
    FROM family
    JOIN finance.staged_connection
        ON
            staged_connection.company = %(company)s::text
            AND family.actual_id IN (staged_connection.transaction1_id, staged_connection.transaction2_id)
    WHERE family.distance < 3
)

SELECT DISTINCT actual_id
FROM family
ORDER BY actual_id;

-- name: trace_actuals
-- Where each actual stands, station by station.
SELECT
    staged_actual.actual_id,
    staged_actual.transaction_type::text AS transaction_type,
    staged_actual.class::text AS class_,
    staged_actual.billing_type::text AS billing_type,
    staged_actual.transaction_date,
    staged_actual.quantity,
    staged_actual.price,
    staged_actual.amount,
    staged_actual.currency,
    staged_actual.description,
    project.number AS project_number,
    staged_actual.source_set_id,
    inbox.applied_at AS arrived_at,
    imported_set.imported_at,
    held_actual.code AS held_code,
    held_actual.field AS held_field,
    held_actual.value AS held_value,
    held_actual.held_since,
    journal.number AS journal_number,
    journal.state::text AS journal_state,
    journal_line.code AS line_code,
    journal_line.field AS line_field,
    journal_line.value AS line_value,
    proposal.number AS proposal_number,
    proposal.state::text AS proposal_state,
    customer_invoice.invoice_number,
    invoice_line.sales_tax_amount,
    acknowledged.applied_at AS reported_at,
    coalesce(project_transaction.voucher, invoice_line.voucher, journal_line.voucher) AS voucher,
    coalesce(
        project_transaction.accounting_date,
        invoice_line.accounting_date,
        journal_line.accounting_date,
        staged_actual.accounting_date
    ) AS accounting_date,
    coalesce(
        project_transaction.exchange_rate, invoice_line.exchange_rate, journal_line.exchange_rate
    ) AS exchange_rate,
    coalesce(project_transaction.accounting_amount, invoice_line.accounting_amount) AS accounting_amount,
    coalesce(project_transaction.accrued_amount, -invoice_line.accrual_reversed_amount) AS accrued_amount,
    coalesce(customer_invoice.posted_by, journal.posted_by) AS posted_by,
    coalesce(customer_invoice.posted_at, journal.posted_at) AS posted_at
FROM finance.staged_actual
LEFT JOIN finance.project
    ON project.company = staged_actual.company AND project.project_id = staged_actual.project_id
LEFT JOIN dualwrite.inbox
    ON
        inbox.company = staged_actual.company
        AND inbox.source = 'operations'
        AND inbox.set_id = staged_actual.source_set_id
LEFT JOIN finance.imported_set
    ON
        imported_set.company = staged_actual.company
        AND imported_set.source_set_id = staged_actual.source_set_id
LEFT JOIN finance.held_actual
    ON held_actual.company = staged_actual.company AND held_actual.actual_id = staged_actual.actual_id
LEFT JOIN finance.journal_line
    ON journal_line.company = staged_actual.company AND journal_line.actual_id = staged_actual.actual_id
LEFT JOIN finance.project_transaction
    ON
        project_transaction.company = staged_actual.company
        AND project_transaction.actual_id = staged_actual.actual_id
LEFT JOIN finance.journal
    ON
        journal.company = staged_actual.company
        AND journal.journal_id = coalesce(project_transaction.journal_id, journal_line.journal_id)
LEFT JOIN finance.proposal_line
    ON proposal_line.company = staged_actual.company AND proposal_line.actual_id = staged_actual.actual_id
LEFT JOIN finance.proposal
    ON proposal.company = proposal_line.company AND proposal.proposal_id = proposal_line.proposal_id
LEFT JOIN finance.invoice_line
    ON invoice_line.company = staged_actual.company AND invoice_line.actual_id = staged_actual.actual_id
LEFT JOIN finance.customer_invoice
    ON
        customer_invoice.company = invoice_line.company
        AND customer_invoice.proposal_id = invoice_line.proposal_id
LEFT JOIN dualwrite.acknowledged
    ON
        acknowledged.company = staged_actual.company
        AND acknowledged.set_id = coalesce(project_transaction.change_set_id, invoice_line.change_set_id)
WHERE
    staged_actual.company = %(company)s::text
    AND staged_actual.actual_id = any(%(actual_ids)s::bigint[])
ORDER BY staged_actual.actual_id;
