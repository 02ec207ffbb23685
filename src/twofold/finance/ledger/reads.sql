-- name: trial_balance
-- One row per account with entries up to the end of the period, in the accounting currency.
SELECT
    balance.account,
    balance.opening_amount,
    balance.debit_amount,
    balance.credit_amount,
    balance.closing_amount,
    coalesce(main_account.name, '') AS name,
    coalesce(main_account.kind::text, '') AS kind
FROM (
    SELECT
        ledger_entry.account,
        coalesce(
            sum(ledger_entry.accounting_amount)
            FILTER (WHERE ledger_entry.accounting_date < %(period_from)s::date),
            0
        ) AS opening_amount,
        coalesce(
            sum(ledger_entry.accounting_amount)
            FILTER (
                WHERE ledger_entry.accounting_date >= %(period_from)s::date
                AND ledger_entry.accounting_amount > 0
            ),
            0
        ) AS debit_amount,
        coalesce(
            -sum(ledger_entry.accounting_amount)
            FILTER (
                WHERE ledger_entry.accounting_date >= %(period_from)s::date
                AND ledger_entry.accounting_amount < 0
            ),
            0
        ) AS credit_amount,
        sum(ledger_entry.accounting_amount) AS closing_amount
    FROM finance.ledger_entry
    WHERE
        ledger_entry.company = %(company)s::text
        AND ledger_entry.accounting_date <= %(period_to)s::date
    GROUP BY ledger_entry.account
) AS balance
LEFT JOIN finance.main_account
    ON main_account.company = %(company)s::text AND main_account.account = balance.account
WHERE balance.account > %(after)s::text
ORDER BY balance.account
LIMIT %(rows_max)s::integer;

-- name: trial_balance_total
SELECT
    coalesce(sum(accounting_amount) FILTER (WHERE accounting_date < %(period_from)s::date), 0) AS opening_amount,
    coalesce(
        sum(accounting_amount)
        FILTER (WHERE accounting_date >= %(period_from)s::date AND accounting_amount > 0),
        0
    ) AS debit_amount,
    coalesce(
        -sum(accounting_amount)
        FILTER (WHERE accounting_date >= %(period_from)s::date AND accounting_amount < 0),
        0
    ) AS credit_amount,
    coalesce(sum(accounting_amount), 0) AS closing_amount
FROM finance.ledger_entry
WHERE
    company = %(company)s::text
    AND accounting_date <= %(period_to)s::date;

-- name: account_entries
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
    ledger_entry.reporting_amount
FROM finance.ledger_entry
LEFT JOIN finance.project
    ON project.company = ledger_entry.company AND project.project_id = ledger_entry.project_id
LEFT JOIN finance.customer_invoice
    ON customer_invoice.company = ledger_entry.company AND customer_invoice.voucher = ledger_entry.voucher
WHERE
    ledger_entry.company = %(company)s::text
    AND ledger_entry.account = %(account)s::text
    AND ledger_entry.accounting_date BETWEEN %(period_from)s::date AND %(period_to)s::date
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
    ledger_entry.reporting_amount
FROM finance.ledger_entry
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
-- voucher, or the lines of the invoice that has it; a fee has the negated key of its sale.
WITH line AS (
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
    UNION ALL
    SELECT
        invoice_line.actual_id,
        customer_invoice.invoice_number,
        invoice_line.accounting_amount
    FROM finance.customer_invoice
    JOIN finance.proposal
        ON proposal.company = customer_invoice.company AND proposal.proposal_id = customer_invoice.proposal_id
    JOIN finance.invoice_line
        ON
            invoice_line.company = proposal.company
            AND (
                invoice_line.actual_id BETWEEN proposal.first_actual_id AND proposal.last_actual_id
                OR invoice_line.actual_id BETWEEN -proposal.last_actual_id AND -proposal.first_actual_id
            )
            AND invoice_line.proposal_id = proposal.proposal_id
    WHERE
        customer_invoice.company = %(company)s::text
        AND customer_invoice.voucher = %(voucher)s::text
)

SELECT
    line.actual_id,
    line.document,
    staged_actual.transaction_type::text AS transaction_type,
    staged_actual.transaction_date,
    staged_actual.description,
    staged_actual.currency,
    line.accounting_amount,
    CASE WHEN line.actual_id < 0 THEN 'fee' ELSE staged_actual.class::text END AS class_,
    CASE WHEN line.actual_id < 0 THEN sign(staged_actual.fee_amount) ELSE staged_actual.quantity END AS quantity,
    CASE
        WHEN line.actual_id < 0 THEN staged_actual.fee_amount
        ELSE staged_actual.amount - staged_actual.discount_amount
    END AS amount
FROM line
JOIN finance.staged_actual
    ON staged_actual.company = %(company)s::text AND staged_actual.actual_id = abs(line.actual_id)
WHERE line.actual_id > %(after)s::bigint
ORDER BY line.actual_id
LIMIT %(rows_max)s::integer;
