-- name: read_positions
-- rate: accounting currency for 100 units on the day, the same for both sides of one currency.
SELECT
    position.voucher,
    position.document,
    position.customer_id,
    position.currency,
    position.open_amount,
    currency.precision,
    finance.rate_on(%(company)s::text, position.currency, %(day)s::date) AS rate
FROM finance.customer_position AS position
JOIN finance.currency ON currency.currency = position.currency
WHERE
    position.company = %(company)s::text
    AND (position.voucher = any(%(documents)s::text[]) OR position.document = any(%(documents)s::text[]));

-- name: day_is_open
SELECT
    exists(
        SELECT 1 FROM finance.fiscal_period
        WHERE
            company = %(company)s::text
            AND state = 'open'
            AND %(day)s::date BETWEEN period_start AND period_end
    ) AS is_open;

-- name: add_pair
INSERT INTO pg_temp.settling (debit_voucher, credit_voucher, settled_on, debit_amount, credit_amount)
VALUES (
    %(debit_voucher)s::text,
    %(credit_voucher)s::text,
    %(day)s::date,
    %(debit_amount)s::numeric,
    %(credit_amount)s::numeric
);
