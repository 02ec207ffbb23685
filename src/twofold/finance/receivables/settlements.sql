-- name: lock_receivables
-- Payments and settlements of a company come one after the other: nothing is settled twice.
SELECT pg_advisory_xact_lock('finance.settlement'::regclass::oid::integer, hashtext(%(company)s::text));

-- name: create_settling
CREATE TEMPORARY TABLE settling (
    place bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    debit_voucher text NOT NULL,
    credit_voucher text NOT NULL,
    settled_on date NOT NULL,
    debit_amount numeric(19, 4) NOT NULL,
    credit_amount numeric(19, 4) NOT NULL
) ON COMMIT DROP;

-- name: create_priced
-- The pairs with both sides in the accounting and the reporting currency; difference_number counts
-- those that need an entry.
CREATE TEMPORARY TABLE priced_settling (
    place bigint PRIMARY KEY,
    settlement_id bigint,
    debit_voucher text NOT NULL,
    credit_voucher text NOT NULL,
    settled_on date NOT NULL,
    currency text NOT NULL,
    receivable_account text NOT NULL,
    debit_amount numeric(19, 4) NOT NULL,
    credit_amount numeric(19, 4) NOT NULL,
    debit_accounting_amount numeric(19, 4) NOT NULL,
    credit_accounting_amount numeric(19, 4) NOT NULL,
    debit_reporting_amount numeric(19, 4) NOT NULL,
    credit_reporting_amount numeric(19, 4) NOT NULL,
    difference_number bigint NOT NULL
) ON COMMIT DROP;

-- name: fill_priced
-- What a side has left after the pair, less what it had left before it: shares never drift, and the
-- last one takes the rest.
WITH side AS (
    SELECT
        settling.place,
        'debit' AS kind,
        settling.debit_voucher AS voucher,
        settling.debit_amount AS amount
    FROM pg_temp.settling
    UNION ALL
    SELECT
        settling.place,
        'credit',
        settling.credit_voucher,
        settling.credit_amount
    FROM pg_temp.settling
),

running AS (
    SELECT
        side.place,
        side.kind,
        abs(position.open_amount) AS open_amount,
        abs(position.open_accounting_amount) AS open_accounting_amount,
        abs(position.open_reporting_amount) AS open_reporting_amount,
        sum(side.amount) OVER earlier AS through_amount,
        sum(side.amount) OVER earlier - side.amount AS before_amount
    FROM side
    JOIN finance.customer_position AS position
        ON position.company = %(company)s::text AND position.voucher = side.voucher
    WINDOW earlier AS (PARTITION BY side.voucher ORDER BY side.place)
),

priced AS (
    SELECT
        running.place,
        running.kind,
        round(running.open_accounting_amount * running.through_amount / running.open_amount, accounting.precision)
        - round(running.open_accounting_amount * running.before_amount / running.open_amount, accounting.precision)
            AS accounting_amount,
        round(running.open_reporting_amount * running.through_amount / running.open_amount, reporting.precision)
        - round(running.open_reporting_amount * running.before_amount / running.open_amount, reporting.precision)
            AS reporting_amount
    FROM running
    JOIN finance.legal_entity ON legal_entity.company = %(company)s::text
    JOIN finance.currency AS accounting ON accounting.currency = legal_entity.accounting_currency
    JOIN finance.currency AS reporting ON reporting.currency = legal_entity.reporting_currency
)

INSERT INTO pg_temp.priced_settling (
    place, debit_voucher, credit_voucher, settled_on, currency, receivable_account, debit_amount, credit_amount,
    debit_accounting_amount, credit_accounting_amount, debit_reporting_amount, credit_reporting_amount,
    difference_number
)
SELECT
    settling.place,
    settling.debit_voucher,
    settling.credit_voucher,
    settling.settled_on,
    owed.currency,
    posting_profile.receivable_account,
    settling.debit_amount,
    settling.credit_amount,
    debit.accounting_amount AS debit_accounting_amount,
    credit.accounting_amount AS credit_accounting_amount,
    debit.reporting_amount AS debit_reporting_amount,
    credit.reporting_amount AS credit_reporting_amount,
    CASE
        WHEN
            debit.accounting_amount = credit.accounting_amount AND debit.reporting_amount = credit.reporting_amount
            THEN 0
        ELSE
            count(*) FILTER (
                WHERE debit.accounting_amount <> credit.accounting_amount
                OR debit.reporting_amount <> credit.reporting_amount
            ) OVER (ORDER BY settling.place)
    END
FROM pg_temp.settling
JOIN priced AS debit ON debit.place = settling.place AND debit.kind = 'debit'
JOIN priced AS credit ON credit.place = settling.place AND credit.kind = 'credit'
JOIN finance.customer_transaction AS owed
    ON owed.company = %(company)s::text AND owed.voucher = settling.debit_voucher
JOIN finance.posting_profile
    ON
        posting_profile.company = %(company)s::text
        AND posting_profile.posting_profile = owed.posting_profile;

-- name: count_priced
SELECT
    count(*) AS pair_count,
    count(*) FILTER (WHERE difference_number > 0) AS difference_count,
    (
        SELECT setup.account
        FROM finance.posting_setup AS setup
        WHERE
            setup.company = %(company)s::text
            AND setup.posting_type = 'exchange_rate_difference'
            AND num_nonnulls(
                setup.project_number, setup.project_group, setup.category_number, setup.category_group, setup.payer,
                setup.tax_group
            ) = 0
    ) AS difference_account
FROM pg_temp.priced_settling;

-- name: take_keys
SELECT finance.take_keys('finance.settlement_key'::regclass, %(count)s::bigint) AS first_key;

-- name: add_settlements
WITH numbered AS (
    UPDATE pg_temp.priced_settling
    SET settlement_id = %(first_key)s::bigint + ordered.number - 1
    FROM (
        SELECT
            place,
            row_number() OVER (ORDER BY place) AS number
        FROM pg_temp.priced_settling
    ) AS ordered
    WHERE ordered.place = priced_settling.place
    RETURNING priced_settling.*
)

INSERT INTO finance.settlement (
    company, settlement_id, debit_voucher, credit_voucher, settled_on, debit_amount, credit_amount,
    debit_accounting_amount, credit_accounting_amount, debit_reporting_amount, credit_reporting_amount, voucher,
    settled_by, settled_at
)
SELECT
    %(company)s::text,
    settlement_id,
    debit_voucher,
    credit_voucher,
    settled_on,
    debit_amount,
    credit_amount,
    debit_accounting_amount,
    credit_accounting_amount,
    debit_reporting_amount,
    credit_reporting_amount,
    CASE
        WHEN difference_number > 0
            THEN
                finance.document_number(
                    %(prefix)s::text, %(digits)s::integer, %(first_number)s::bigint + difference_number - 1
                )
    END,
    %(actor)s::text,
    %(at)s::timestamptz
FROM numbered;

-- name: add_differences
-- The receivable gives up what is left of the pair; the account of differences takes it. Debit is a loss.
INSERT INTO finance.ledger_entry (
    company, voucher, entry_number, accounting_date, account, posting_type, project_id, currency,
    transaction_amount, accounting_amount, reporting_amount
)
SELECT
    %(company)s::text,
    settlement.voucher,
    side.number,
    settlement.settled_on,
    side.account,
    side.posting_type::finance.posting_type,
    NULL,
    priced.currency,
    0,
    side.direction * (settlement.debit_accounting_amount - settlement.credit_accounting_amount),
    side.direction * (settlement.debit_reporting_amount - settlement.credit_reporting_amount)
FROM pg_temp.priced_settling AS priced
JOIN finance.settlement
    ON settlement.company = %(company)s::text AND settlement.settlement_id = priced.settlement_id
CROSS JOIN
    LATERAL (
        VALUES
        (1, -1, priced.receivable_account, 'customer_balance'),
        (2, 1, %(account)s::text, 'exchange_rate_difference')
    ) AS side (number, direction, account, posting_type)
WHERE settlement.voucher IS NOT NULL;

-- name: read_settled
SELECT
    settlement.settlement_id,
    debit.document AS debit_document,
    credit.document AS credit_document,
    debit.currency,
    settlement.debit_amount,
    settlement.credit_amount,
    settlement.voucher,
    settlement.debit_accounting_amount - settlement.credit_accounting_amount AS exchange_difference
FROM pg_temp.priced_settling AS priced
JOIN finance.settlement
    ON settlement.company = %(company)s::text AND settlement.settlement_id = priced.settlement_id
JOIN finance.customer_position AS debit
    ON debit.company = %(company)s::text AND debit.voucher = settlement.debit_voucher
JOIN finance.customer_position AS credit
    ON credit.company = %(company)s::text AND credit.voucher = settlement.credit_voucher
ORDER BY settlement.settlement_id;

-- name: drop_settling
DROP TABLE pg_temp.settling, pg_temp.priced_settling;
