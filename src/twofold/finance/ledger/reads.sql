-- name: trial_balance
-- One row per account with entries up to the end of the period, in the accounting currency, from the
-- kept balances. A year that ends with the period is shown as it was before it was closed.
SELECT
    balance.account,
    balance.opening_amount,
    balance.debit_amount,
    balance.credit_amount,
    balance.opening_amount + balance.debit_amount - balance.credit_amount AS closing_amount,
    coalesce(main_account.name, '') AS name,
    coalesce(main_account.kind::text, '') AS kind
FROM (
    SELECT
        kept.account,
        coalesce(
            sum(kept.debit_amount - kept.credit_amount) FILTER (WHERE kept.accounting_date < %(period_from)s::date), 0
        ) AS opening_amount,
        coalesce(
            sum(kept.debit_amount) FILTER (WHERE kept.accounting_date >= %(period_from)s::date), 0
        ) AS debit_amount,
        coalesce(
            sum(kept.credit_amount) FILTER (WHERE kept.accounting_date >= %(period_from)s::date), 0
        ) AS credit_amount
    FROM finance.account_balance AS kept
    WHERE
        kept.company = %(company)s::text
        AND kept.account > %(after)s::text
        AND kept.accounting_date <= %(period_to)s::date
        AND NOT (kept.is_closing AND kept.accounting_date = %(period_to)s::date)
    GROUP BY kept.account
) AS balance
LEFT JOIN finance.main_account
    ON main_account.company = %(company)s::text AND main_account.account = balance.account
ORDER BY balance.account
LIMIT %(rows_max)s::integer;

-- name: trial_balance_total
SELECT
    summed.opening_amount,
    summed.debit_amount,
    summed.credit_amount,
    summed.opening_amount + summed.debit_amount - summed.credit_amount AS closing_amount
FROM (
    SELECT
        coalesce(
            sum(debit_amount - credit_amount) FILTER (WHERE accounting_date < %(period_from)s::date), 0
        ) AS opening_amount,
        coalesce(sum(debit_amount) FILTER (WHERE accounting_date >= %(period_from)s::date), 0) AS debit_amount,
        coalesce(sum(credit_amount) FILTER (WHERE accounting_date >= %(period_from)s::date), 0) AS credit_amount
    FROM finance.account_balance
    WHERE
        company = %(company)s::text
        AND accounting_date <= %(period_to)s::date
        AND NOT (is_closing AND accounting_date = %(period_to)s::date)
) AS summed;

-- name: account_name
SELECT name FROM finance.main_account
WHERE company = %(company)s::text AND account = %(account)s::text;

-- name: account_entries
-- Day by day: only the day of the place, and as many as the page needs, are put in order.
SELECT
    ledger_entry.accounting_date,
    ledger_entry.voucher,
    ledger_entry.entry_number,
    ledger_entry.account,
    ledger_entry.posting_type::text AS posting_type,
    project.number AS project_number,
    customer_invoice.invoice_number,
    ledger_entry.currency,
    ledger_entry.transaction_amount,
    ledger_entry.accounting_amount,
    ledger_entry.reporting_amount,
    dimension_set.label AS dimensions
FROM finance.ledger_entry
LEFT JOIN finance.dimension_set
    ON
        dimension_set.company = ledger_entry.company
        AND dimension_set.dimension_set_id = ledger_entry.dimension_set_id
LEFT JOIN finance.project
    ON project.company = ledger_entry.company AND project.project_id = ledger_entry.project_id
LEFT JOIN finance.customer_invoice
    ON customer_invoice.company = ledger_entry.company AND customer_invoice.voucher = ledger_entry.voucher
WHERE
    ledger_entry.company = %(company)s::text
    AND ledger_entry.account = %(account)s::text
    AND ledger_entry.accounting_date
    BETWEEN greatest(%(period_from)s::date, %(after_date)s::date) AND %(period_to)s::date
    AND (
        %(after_date)s::date IS NULL
        OR (ledger_entry.accounting_date, ledger_entry.voucher, ledger_entry.entry_number)
        > (%(after_date)s::date, %(after_voucher)s::text, %(after_number)s::integer)
    )
ORDER BY ledger_entry.accounting_date, ledger_entry.voucher, ledger_entry.entry_number
LIMIT %(rows_max)s::integer;

-- name: voucher_entries
SELECT
    ledger_entry.accounting_date,
    ledger_entry.voucher,
    ledger_entry.entry_number,
    ledger_entry.account,
    ledger_entry.posting_type::text AS posting_type,
    project.number AS project_number,
    customer_invoice.invoice_number,
    ledger_entry.currency,
    ledger_entry.transaction_amount,
    ledger_entry.accounting_amount,
    ledger_entry.reporting_amount,
    dimension_set.label AS dimensions
FROM finance.ledger_entry
LEFT JOIN finance.dimension_set
    ON
        dimension_set.company = ledger_entry.company
        AND dimension_set.dimension_set_id = ledger_entry.dimension_set_id
LEFT JOIN finance.project
    ON project.company = ledger_entry.company AND project.project_id = ledger_entry.project_id
LEFT JOIN finance.customer_invoice
    ON customer_invoice.company = ledger_entry.company AND customer_invoice.voucher = ledger_entry.voucher
WHERE
    ledger_entry.company = %(company)s::text
    AND ledger_entry.voucher = %(voucher)s::text
ORDER BY ledger_entry.entry_number;

-- name: voucher_lines
-- What stands behind the entries, line by line: the transactions a journal posted with this
-- voucher, or the lines of the invoice that has it; a fee has the negated key of its sale. Of an
-- invoice only the keys of the page are looked for, however many lines it has.
WITH invoice AS (
    SELECT
        customer_invoice.proposal_id,
        customer_invoice.invoice_number,
        proposal.first_actual_id,
        proposal.last_actual_id
    FROM finance.customer_invoice
    JOIN finance.proposal
        ON proposal.company = customer_invoice.company AND proposal.proposal_id = customer_invoice.proposal_id
    WHERE
        customer_invoice.company = %(company)s::text
        AND customer_invoice.voucher = %(voucher)s::text
),

fee AS (
    SELECT
        invoice_line.actual_id,
        invoice_line.accounting_amount
    FROM finance.invoice_line
    WHERE
        invoice_line.company = %(company)s::text
        AND invoice_line.proposal_id = (SELECT invoice.proposal_id FROM invoice)
        AND invoice_line.actual_id > %(after)s::bigint
        AND invoice_line.actual_id >= (SELECT -invoice.last_actual_id FROM invoice)
        AND invoice_line.actual_id <= (SELECT -invoice.first_actual_id FROM invoice)
    ORDER BY invoice_line.actual_id
    LIMIT %(rows_max)s::integer
),

sale AS (
    SELECT
        invoice_line.actual_id,
        invoice_line.accounting_amount
    FROM finance.invoice_line
    WHERE
        invoice_line.company = %(company)s::text
        AND invoice_line.proposal_id = (SELECT invoice.proposal_id FROM invoice)
        AND invoice_line.actual_id > %(after)s::bigint
        AND invoice_line.actual_id >= (SELECT invoice.first_actual_id FROM invoice)
        AND invoice_line.actual_id <= (SELECT invoice.last_actual_id FROM invoice)
    ORDER BY invoice_line.actual_id
    LIMIT %(rows_max)s::integer
),

line AS (
    SELECT
        project_transaction.actual_id,
        journal.number AS document,
        project_transaction.accounting_amount
    FROM finance.project_transaction
    JOIN finance.journal
        ON journal.company = project_transaction.company AND journal.journal_id = project_transaction.journal_id
    WHERE
        project_transaction.company = %(company)s::text
        AND project_transaction.voucher = %(voucher)s::text
        AND project_transaction.actual_id > %(after)s::bigint
    UNION ALL
    SELECT
        billed.actual_id,
        invoice.invoice_number,
        billed.accounting_amount
    FROM (
        SELECT * FROM fee
        UNION ALL
        SELECT * FROM sale
    ) AS billed
    CROSS JOIN invoice
)

SELECT
    line.actual_id,
    line.document,
    staged_actual.transaction_type::text AS transaction_type,
    staged_actual.transaction_date,
    staged_actual.description,
    staged_actual.currency,
    line.accounting_amount,
    project.number AS project_number,
    CASE WHEN line.actual_id < 0 THEN 'fee' ELSE staged_actual.class::text END AS class_,
    CASE WHEN line.actual_id < 0 THEN sign(staged_actual.fee_amount) ELSE staged_actual.quantity END AS quantity,
    CASE
        WHEN line.actual_id < 0 THEN staged_actual.fee_amount
        ELSE staged_actual.amount - staged_actual.discount_amount
    END AS amount
FROM line
JOIN finance.staged_actual
    ON staged_actual.company = %(company)s::text AND staged_actual.actual_id = abs(line.actual_id)
LEFT JOIN finance.project
    ON project.company = %(company)s::text AND project.project_id = staged_actual.project_id
ORDER BY line.actual_id
LIMIT %(rows_max)s::integer;
