-- name: open_transactions
SELECT
    position.voucher,
    position.kind,
    position.document,
    customer.account AS customer_account,
    customer.name AS customer_name,
    position.transaction_date,
    position.due_date,
    position.currency,
    position.amount,
    position.open_amount,
    position.open_accounting_amount,
    CASE WHEN position.amount > 0 THEN expected_payment.expected_on END AS expected_on
FROM finance.customer_position AS position
LEFT JOIN finance.expected_payment
    ON expected_payment.company = position.company AND expected_payment.voucher = position.voucher
JOIN finance.customer
    ON customer.company = position.company AND customer.customer_id = position.customer_id
WHERE
    position.company = %(company)s::text
    AND position.open_amount <> 0
    AND position.voucher > %(after)s::text
    AND (%(customer)s::text IS NULL OR customer.account = %(customer)s::text)
ORDER BY position.voucher
LIMIT %(rows_max)s::integer;

-- name: ageing
-- As the books stood at the end of the day. A debit is as old as the days since it was due; what a customer paid
-- and nothing took is unused.
SELECT
    customer.account AS customer_account,
    customer.name AS customer_name,
    coalesce(sum(aged.amount) FILTER (WHERE aged.is_debit AND aged.days <= 0), 0) AS not_due_amount,
    coalesce(sum(aged.amount) FILTER (WHERE aged.is_debit AND aged.days BETWEEN 1 AND 30), 0) AS to_30_amount,
    coalesce(sum(aged.amount) FILTER (WHERE aged.is_debit AND aged.days BETWEEN 31 AND 60), 0) AS to_60_amount,
    coalesce(sum(aged.amount) FILTER (WHERE aged.is_debit AND aged.days BETWEEN 61 AND 90), 0) AS to_90_amount,
    coalesce(sum(aged.amount) FILTER (WHERE aged.is_debit AND aged.days > 90), 0) AS older_amount,
    coalesce(sum(aged.amount) FILTER (WHERE NOT aged.is_debit), 0) AS unused_amount,
    sum(aged.amount) AS total_amount
FROM (
    SELECT
        position.customer_id,
        position.open_accounting_amount AS amount,
        position.amount > 0 AS is_debit,
        %(day)s::date - position.due_date AS days
    FROM finance.customer_position_on(%(company)s::text, %(day)s::date) AS position
    WHERE position.open_amount <> 0
) AS aged
JOIN finance.customer
    ON customer.company = %(company)s::text AND customer.customer_id = aged.customer_id
GROUP BY customer.account, customer.name
ORDER BY customer.account;

-- name: expected_cash
-- What is expected too late to be on time any more counts in the week of the day; what customers paid and nothing
-- took is no cash to come.
SELECT
    due.week_from,
    count(*) AS invoice_count,
    sum(due.open_accounting_amount) AS amount,
    sum(sum(due.open_accounting_amount)) OVER (ORDER BY due.week_from) AS total_amount,
    coalesce(sum(due.open_accounting_amount) FILTER (WHERE due.expected_on < %(day)s::date), 0) AS overdue_amount
FROM (
    SELECT
        position.open_accounting_amount,
        expected_payment.expected_on,
        date_trunc('week', greatest(expected_payment.expected_on, %(day)s::date)::timestamp)::date AS week_from
    FROM finance.customer_position_on(%(company)s::text, %(day)s::date) AS position
    JOIN finance.expected_payment
        ON expected_payment.company = position.company AND expected_payment.voucher = position.voucher
    WHERE position.open_amount <> 0 AND position.amount > 0
) AS due
GROUP BY due.week_from
ORDER BY due.week_from;

-- name: statement
SELECT
    line.transaction_date,
    line.kind,
    line.document,
    line.voucher,
    line.currency,
    line.amount,
    line.balance_amount,
    line.open_amount
FROM (
    SELECT
        position.*,
        sum(position.amount) OVER (
            PARTITION BY position.currency ORDER BY position.transaction_date, position.voucher
        ) AS balance_amount
    FROM finance.customer_position_on(%(company)s::text, %(period_to)s::date) AS position
    JOIN finance.customer
        ON customer.company = position.company AND customer.customer_id = position.customer_id
    WHERE customer.account = %(customer)s::text
) AS line
WHERE line.transaction_date >= %(period_from)s::date
ORDER BY line.transaction_date, line.voucher;

-- name: settlements
SELECT
    settlement.settlement_id,
    settlement.settled_on,
    debit.document AS debit_document,
    credit.document AS credit_document,
    debit.currency,
    settlement.debit_amount,
    settlement.voucher,
    settlement.settled_by,
    undone.undone_at,
    undone.reason,
    settlement.debit_accounting_amount - settlement.credit_accounting_amount AS exchange_difference
FROM finance.settlement
JOIN finance.customer_position AS debit
    ON debit.company = settlement.company AND debit.voucher = settlement.debit_voucher
JOIN finance.customer_position AS credit
    ON credit.company = settlement.company AND credit.voucher = settlement.credit_voucher
LEFT JOIN finance.settlement_undone AS undone
    ON undone.company = settlement.company AND undone.settlement_id = settlement.settlement_id
WHERE
    settlement.company = %(company)s::text
    AND (%(after)s::bigint IS NULL OR settlement.settlement_id < %(after)s::bigint)
ORDER BY settlement.settlement_id DESC
LIMIT %(rows_max)s::integer;

-- name: payments
SELECT
    payment.voucher,
    payment.payment_date,
    payment.reference,
    customer.account AS customer_account,
    payment.currency,
    payment.amount,
    payment.bank_account,
    payment_file.name AS file_name,
    payment.remittance,
    -position.open_amount AS open_amount
FROM finance.customer_payment AS payment
JOIN finance.customer
    ON customer.company = payment.company AND customer.customer_id = payment.customer_id
JOIN finance.customer_position AS position
    ON position.company = payment.company AND position.voucher = payment.voucher
JOIN finance.payment_file
    ON payment_file.company = payment.company AND payment_file.content_hash = payment.content_hash
WHERE
    payment.company = %(company)s::text
    AND (%(after)s::text IS NULL OR payment.voucher < %(after)s::text)
    AND (NOT %(only_open)s::boolean OR position.open_amount <> 0)
    AND (
        %(customer)s::text = ''
        OR customer.account = %(customer)s::text
        OR strpos(lower(customer.name), lower(%(customer)s::text)) > 0
    )
    AND (%(day_from)s::date IS NULL OR payment.payment_date >= %(day_from)s::date)
    AND (%(day_to)s::date IS NULL OR payment.payment_date <= %(day_to)s::date)
ORDER BY payment.voucher DESC
LIMIT %(rows_max)s::integer;
