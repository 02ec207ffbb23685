-- name: known_file
SELECT
    imported_by,
    imported_at
FROM finance.payment_file
WHERE company = %(company)s::text AND content_hash = %(content_hash)s::text;

-- name: create_arriving
-- The payments of the file, with what posting them depends on. exchange_rate and reporting_rate:
-- accounting currency per 100 units, on the day.
CREATE TEMPORARY TABLE arriving_payment (
    number bigint PRIMARY KEY,
    place text NOT NULL,
    reference text NOT NULL,
    payment_date date NOT NULL,
    amount numeric(19, 4) NOT NULL,
    currency text NOT NULL,
    named text[] NOT NULL,
    remittance text NOT NULL,
    payer text NOT NULL,
    account text,
    customer_id bigint,
    receivable_account text,
    exchange_rate numeric(19, 9),
    reporting_rate numeric(19, 9),
    voucher text
) ON COMMIT DROP;

-- name: fill_arriving
WITH given AS (
    SELECT *
    FROM jsonb_populate_recordset(NULL::pg_temp.arriving_payment, %(rows)s::jsonb)
),

dated AS (
    SELECT DISTINCT
        payment_date,
        currency
    FROM given
),

rated AS (
    SELECT
        dated.payment_date,
        dated.currency,
        finance.rate_on(%(company)s::text, dated.currency, dated.payment_date) AS exchange_rate,
        finance.rate_on(%(company)s::text, legal_entity.reporting_currency, dated.payment_date) AS reporting_rate
    FROM dated
    JOIN finance.legal_entity ON legal_entity.company = %(company)s::text
)

INSERT INTO pg_temp.arriving_payment (
    number, place, reference, payment_date, amount, currency, named, remittance, payer, account, exchange_rate,
    reporting_rate
)
SELECT
    given.number,
    given.place,
    given.reference,
    given.payment_date,
    given.amount,
    given.currency,
    given.named,
    given.remittance,
    given.payer,
    given.account,
    rated.exchange_rate,
    rated.reporting_rate
FROM given
JOIN rated ON rated.payment_date = given.payment_date AND rated.currency = given.currency;

-- name: create_match
-- The open invoices that a payment names; place_in_payment is their order, 0 for those of others.
CREATE TEMPORARY TABLE payment_match (
    number bigint NOT NULL,
    debit_voucher text NOT NULL,
    customer_id bigint NOT NULL,
    due_date date NOT NULL,
    currency text NOT NULL,
    open_amount numeric(19, 4) NOT NULL,
    certainty integer NOT NULL,
    place_in_payment bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (number, debit_voucher)
) ON COMMIT DROP;

-- name: fill_match
-- Words of the remittance text are tried as they are and in capitals.
WITH word AS (
    SELECT
        arriving_payment.number,
        named.name,
        1 AS certainty
    FROM pg_temp.arriving_payment
    CROSS JOIN unnest(arriving_payment.named) AS named (name)
    UNION ALL
    SELECT
        arriving_payment.number,
        spelled.name,
        2
    FROM pg_temp.arriving_payment
    CROSS JOIN regexp_split_to_table(arriving_payment.remittance, '[^[:alnum:]/_.-]+') AS said (name)
    CROSS JOIN LATERAL (VALUES (rtrim(said.name, '.-')), (upper(rtrim(said.name, '.-')))) AS spelled (name)
),

named AS (
    SELECT
        word.number,
        customer_invoice.voucher,
        min(word.certainty) AS certainty
    FROM word
    JOIN finance.customer_invoice
        ON customer_invoice.company = %(company)s::text AND customer_invoice.invoice_number = word.name
    GROUP BY word.number, customer_invoice.voucher
)

INSERT INTO pg_temp.payment_match (
    number, debit_voucher, customer_id, due_date, currency, open_amount, certainty
)
SELECT
    named.number,
    named.voucher,
    owed.customer_id,
    owed.due_date,
    owed.currency,
    owed.open_amount,
    named.certainty
FROM named
JOIN finance.customer_position AS owed
    ON owed.company = %(company)s::text AND owed.voucher = named.voucher
WHERE owed.amount > 0;

-- name: place_payments
-- Who paid: as given, else whose invoice is named. Where the receivable is: as for an invoice.
UPDATE pg_temp.arriving_payment
SET
    customer_id = customer.customer_id,
    receivable_account = posting_profile.receivable_account
FROM pg_temp.arriving_payment AS payment
LEFT JOIN (
    SELECT DISTINCT ON (number)
        number,
        customer_id
    FROM pg_temp.payment_match
    ORDER BY number, certainty, due_date, debit_voucher
) AS named ON named.number = payment.number
JOIN finance.customer
    ON
        customer.company = %(company)s::text
        AND CASE
            WHEN payment.account IS NULL THEN customer.customer_id = named.customer_id
            ELSE customer.account = payment.account
        END
LEFT JOIN finance.customer_accounting
    ON customer_accounting.company = %(company)s::text AND customer_accounting.account = customer.account
LEFT JOIN finance.parameter ON parameter.company = %(company)s::text
LEFT JOIN finance.posting_profile
    ON
        posting_profile.company = %(company)s::text
        AND posting_profile.posting_profile
        = coalesce(customer_accounting.posting_profile, parameter.posting_profile)
WHERE arriving_payment.number = payment.number;

-- name: read_problems
WITH judged AS (
    SELECT
        payment.*,
        count(*) OVER (PARTITION BY payment.reference) AS reference_count,
        customer_payment.voucher IS NOT NULL AS is_known,
        fiscal_period.period_start IS NULL AS is_shut
    FROM pg_temp.arriving_payment AS payment
    LEFT JOIN finance.customer_payment
        ON
            customer_payment.company = %(company)s::text
            AND customer_payment.bank_account = %(bank_account)s::text
            AND customer_payment.reference = payment.reference
    LEFT JOIN finance.fiscal_period
        ON
            fiscal_period.company = %(company)s::text
            AND fiscal_period.state = 'open'
            AND payment.payment_date BETWEEN fiscal_period.period_start AND fiscal_period.period_end
)

SELECT
    judged.place,
    problem.code,
    problem.field,
    problem.value,
    judged.number
FROM judged
CROSS JOIN
    LATERAL (
        VALUES
        (
            'ERR-L22',
            'customer',
            coalesce(judged.account, concat_ws(' ', judged.reference, judged.payer, judged.remittance)),
            judged.customer_id IS NULL
        ),
        (
            'ERR-L24',
            'date',
            judged.payment_date::text,
            judged.is_shut
        ),
        ('ERR-L28', 'reference', judged.reference, judged.is_known OR judged.reference_count > 1),
        (
            'ERR-I04',
            'exchange_rate',
            judged.currency || ' ' || judged.payment_date,
            judged.exchange_rate IS NULL OR judged.reporting_rate IS NULL
        ),
        (
            'ERR-F07',
            'posting_profile',
            judged.reference,
            judged.customer_id IS NOT NULL AND judged.receivable_account IS NULL
        )
    ) AS problem (code, field, value, is_one)
WHERE problem.is_one
UNION ALL
SELECT
    'file',
    'ERR-L23',
    'bank_account',
    %(bank_account)s::text,
    0
WHERE
    NOT EXISTS (
        SELECT 1 FROM finance.main_account
        WHERE company = %(company)s::text AND account = %(bank_account)s::text
    )
ORDER BY number, code;

-- name: add_file
INSERT INTO finance.payment_file (company, content_hash, name, payment_count, imported_by, imported_at)
VALUES (
    %(company)s::text,
    %(content_hash)s::text,
    %(name)s::text,
    %(count)s::integer,
    %(actor)s::text,
    %(at)s::timestamptz
);

-- name: add_payments
WITH numbered AS (
    UPDATE pg_temp.arriving_payment
    SET
        voucher = finance.document_number(
            %(prefix)s::text, %(digits)s::integer, %(first_number)s::bigint + number - 1
        )
    RETURNING *
)

INSERT INTO finance.customer_payment (
    company, voucher, customer_id, payment_date, bank_account, receivable_account, reference, remittance, payer,
    currency, exchange_rate, amount, accounting_amount, reporting_amount, content_hash
)
SELECT
    %(company)s::text,
    numbered.voucher,
    numbered.customer_id,
    numbered.payment_date,
    %(bank_account)s::text,
    numbered.receivable_account,
    numbered.reference,
    numbered.remittance,
    numbered.payer,
    numbered.currency,
    numbered.exchange_rate,
    numbered.amount,
    accounted.amount AS accounting_amount,
    round(accounted.amount * 100 / numbered.reporting_rate, reporting.precision),
    %(content_hash)s::text
FROM numbered
JOIN finance.legal_entity ON legal_entity.company = %(company)s::text
JOIN finance.currency AS accounting ON accounting.currency = legal_entity.accounting_currency
JOIN finance.currency AS reporting ON reporting.currency = legal_entity.reporting_currency
CROSS JOIN
    LATERAL (
        VALUES (round(numbered.amount * numbered.exchange_rate / 100, accounting.precision))
    ) AS accounted (amount)
ORDER BY numbered.number;

-- name: add_ledger_entries
INSERT INTO finance.ledger_entry (
    company, voucher, entry_number, accounting_date, account, posting_type, project_id, currency,
    transaction_amount, accounting_amount, reporting_amount
)
SELECT
    payment.company,
    payment.voucher,
    side.number,
    payment.payment_date,
    side.account,
    side.posting_type::finance.posting_type,
    NULL,
    payment.currency,
    side.direction * payment.amount,
    side.direction * payment.accounting_amount,
    side.direction * payment.reporting_amount
FROM finance.customer_payment AS payment
JOIN pg_temp.arriving_payment ON arriving_payment.voucher = payment.voucher
CROSS JOIN
    LATERAL (
        VALUES
        (1, 1, payment.bank_account, 'bank'),
        (2, -1, payment.receivable_account, 'customer_balance')
    ) AS side (number, direction, account, posting_type)
WHERE payment.company = %(company)s::text AND payment.content_hash = %(content_hash)s::text;

-- name: order_matches
-- Each payment takes its customer's invoices in this order: surely named first, then by due date.
WITH ordered AS (
    UPDATE pg_temp.payment_match
    SET place_in_payment = own.place
    FROM (
        SELECT
            match.number,
            match.debit_voucher,
            row_number() OVER (
                PARTITION BY match.number ORDER BY match.certainty, match.due_date, match.debit_voucher
            ) AS place
        FROM pg_temp.payment_match AS match
        JOIN pg_temp.arriving_payment AS payment
            ON payment.number = match.number AND payment.customer_id = match.customer_id
    ) AS own
    WHERE own.number = payment_match.number AND own.debit_voucher = payment_match.debit_voucher
    RETURNING payment_match.place_in_payment
)

SELECT coalesce(max(place_in_payment), 0) AS round_count FROM ordered;

-- name: add_pairs
-- What each payment has left goes to the invoice it names at this place; several payments of one
-- invoice come in the order of the file. left_amount is in the invoice's currency.
WITH spent AS (
    SELECT
        credit_voucher,
        sum(credit_amount) AS amount
    FROM pg_temp.settling
    GROUP BY credit_voucher
),

paid AS (
    SELECT
        debit_voucher,
        sum(debit_amount) AS amount
    FROM pg_temp.settling
    GROUP BY debit_voucher
),

wanted AS (
    SELECT
        payment.number,
        payment.voucher,
        payment.payment_date,
        payment.currency AS paid_currency,
        match.debit_voucher,
        match.currency AS owed_currency,
        rates.factor,
        paying.precision AS paid_precision,
        payment.amount - coalesce(spent.amount, 0) AS unspent_amount,
        match.open_amount - coalesce(paid.amount, 0) AS owed_amount,
        round((payment.amount - coalesce(spent.amount, 0)) * rates.factor, owing.precision) AS left_amount
    FROM pg_temp.payment_match AS match
    JOIN pg_temp.arriving_payment AS payment ON payment.number = match.number
    JOIN finance.currency AS paying ON paying.currency = payment.currency
    JOIN finance.currency AS owing ON owing.currency = match.currency
    CROSS JOIN
        LATERAL (
            VALUES
            (
                CASE
                    WHEN payment.currency = match.currency THEN 1
                    ELSE
                        payment.exchange_rate
                        / finance.rate_on(%(company)s::text, match.currency, payment.payment_date)
                END
            )
        ) AS rates (factor)
    LEFT JOIN spent ON spent.credit_voucher = payment.voucher
    LEFT JOIN paid ON paid.debit_voucher = match.debit_voucher
    WHERE match.place_in_payment = %(number)s::bigint
),

taken AS (
    SELECT
        wanted.*,
        least(
            wanted.left_amount,
            greatest(
                wanted.owed_amount
                - (
                    sum(wanted.left_amount) OVER (PARTITION BY wanted.debit_voucher ORDER BY wanted.number)
                    - wanted.left_amount
                ),
                0
            )
        ) AS debit_amount
    FROM wanted
    WHERE wanted.left_amount > 0
)

INSERT INTO pg_temp.settling (debit_voucher, credit_voucher, settled_on, debit_amount, credit_amount)
SELECT
    taken.debit_voucher,
    taken.voucher,
    taken.payment_date,
    taken.debit_amount,
    priced.credit_amount
FROM taken
CROSS JOIN
    LATERAL (
        VALUES
        (
            CASE
                WHEN taken.debit_amount = taken.left_amount THEN taken.unspent_amount
                ELSE round(taken.debit_amount / taken.factor, taken.paid_precision)
            END
        )
    ) AS priced (credit_amount)
WHERE taken.debit_amount > 0 AND priced.credit_amount > 0
ORDER BY taken.number;

-- name: read_payments
SELECT
    payment.voucher,
    payment.reference,
    payment.payment_date,
    payment.currency,
    payment.amount,
    customer.account AS customer_account,
    -position.open_amount AS open_amount
FROM pg_temp.arriving_payment AS payment
JOIN finance.customer
    ON customer.company = %(company)s::text AND customer.customer_id = payment.customer_id
JOIN finance.customer_position AS position
    ON position.company = %(company)s::text AND position.voucher = payment.voucher
ORDER BY payment.number;

-- name: drop_arriving
DROP TABLE pg_temp.arriving_payment, pg_temp.payment_match;
