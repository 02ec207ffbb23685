-- name: unposted
-- What would be posted into the period: lines of journals, proposals, and what is staged for them.
SELECT
    'ERR-L03' AS code,
    'journal/' || journal.number AS record,
    'lines' AS field,
    count(*)::text AS value
FROM finance.journal_line
JOIN finance.journal
    ON journal.company = journal_line.company AND journal.journal_id = journal_line.journal_id
WHERE
    journal_line.company = %(company)s::text
    AND journal_line.accounting_date BETWEEN %(period_start)s::date AND %(period_end)s::date
GROUP BY journal.number
UNION ALL
SELECT
    'ERR-L03',
    'proposal/' || number,
    'invoice_date',
    coalesce(invoice_date, accounting_date)::text
FROM finance.proposal
WHERE
    company = %(company)s::text
    AND state IN ('header_only', 'ready')
    AND coalesce(invoice_date, accounting_date) BETWEEN %(period_start)s::date AND %(period_end)s::date
UNION ALL
SELECT
    'ERR-L03',
    'actual/' || held.actual_id,
    'held',
    held.code
FROM finance.held_actual AS held
JOIN finance.staged_actual
    ON staged_actual.company = held.company AND staged_actual.actual_id = held.actual_id
WHERE
    held.company = %(company)s::text
    AND staged_actual.accounting_date BETWEEN %(period_start)s::date AND %(period_end)s::date
UNION ALL
SELECT
    'ERR-L03',
    'staging/' || staged_actual.source_set_id,
    'actuals',
    count(*)::text
FROM finance.staged_actual
LEFT JOIN finance.imported_set
    ON
        imported_set.company = staged_actual.company
        AND imported_set.source_set_id = staged_actual.source_set_id
WHERE
    staged_actual.company = %(company)s::text
    AND staged_actual.transaction_type IN ('cost', 'unbilled_sales')
    AND staged_actual.accounting_date BETWEEN %(period_start)s::date AND %(period_end)s::date
    AND imported_set.source_set_id IS NULL
GROUP BY staged_actual.source_set_id
ORDER BY record;

-- name: unbalanced_accruals
SELECT
    'ERR-L04' AS code,
    'imbalance_amount' AS field,
    imbalance_amount::text AS value,
    'actual/' || actual_id AS record
FROM finance.accrual_balance
WHERE
    company = %(company)s::text
    AND invoiced_on BETWEEN %(period_start)s::date AND %(period_end)s::date
    AND is_off
    AND imbalance_amount <> 0
ORDER BY actual_id;

-- name: unequal_balances
WITH folded AS (
    SELECT
        account,
        sum(accounting_amount) AS amount,
        sum(reporting_amount) AS reporting_amount,
        count(*) AS entry_count
    FROM finance.ledger_entry
    WHERE
        company = %(company)s::text
        AND accounting_date BETWEEN %(period_start)s::date AND %(period_end)s::date
    GROUP BY account
),

kept AS (
    SELECT
        account,
        sum(debit_amount - credit_amount) AS amount,
        sum(reporting_debit_amount - reporting_credit_amount) AS reporting_amount,
        sum(entry_count) AS entry_count
    FROM finance.account_balance
    WHERE
        company = %(company)s::text
        AND accounting_date BETWEEN %(period_start)s::date AND %(period_end)s::date
    GROUP BY account
)

SELECT
    'ERR-L05' AS code,
    'kept' AS field,
    'account/' || coalesce(folded.account, kept.account) AS record,
    coalesce(kept.amount, 0) || ' for ' || coalesce(folded.amount, 0) AS value
FROM folded
FULL JOIN kept ON kept.account = folded.account
WHERE
    (folded.amount, folded.reporting_amount, folded.entry_count)
    IS DISTINCT FROM (kept.amount, kept.reporting_amount, kept.entry_count)
ORDER BY coalesce(folded.account, kept.account);

-- name: missing_numbers
-- Between two vouchers of a series that follow one another, the first of them of this period.
WITH used AS (
    SELECT
        voucher,
        accounting_date
    FROM finance.project_transaction
    WHERE company = %(company)s::text
    UNION
    SELECT
        voucher,
        accounting_date
    FROM finance.journal_line
    WHERE company = %(company)s::text
    UNION
    SELECT
        voucher,
        accounting_date
    FROM finance.ledger_entry
    WHERE company = %(company)s::text
),

numbered AS (
    SELECT
        number_sequence.prefix,
        used.accounting_date,
        substr(used.voucher, length(number_sequence.prefix) + 1)::bigint AS number
    FROM used
    JOIN finance.number_sequence
        ON
            number_sequence.company = %(company)s::text
            AND starts_with(used.voucher, number_sequence.prefix)
            AND substr(used.voucher, length(number_sequence.prefix) + 1) ~ '^[0-9]{1,18}$'
),

followed AS (
    SELECT
        prefix,
        accounting_date,
        number,
        lead(number) OVER (PARTITION BY prefix ORDER BY number) AS next_number
    FROM numbered
)

SELECT
    'ERR-L06' AS code,
    'numbers' AS field,
    'sequence/' || prefix AS record,
    sum(next_number - number - 1) || ' missing, the first is ' || min(number) + 1 AS value
FROM followed
WHERE
    next_number > number + 1
    AND accounting_date BETWEEN %(period_start)s::date AND %(period_end)s::date
GROUP BY prefix
ORDER BY prefix;
