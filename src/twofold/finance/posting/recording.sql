-- name: this_posting
SELECT finance.this_posting() AS posting_id;

-- name: read_content
-- The hash of the entries; the invariant posting_chain_holds states the same text. Every value is
-- told apart from the next by its length, so that two postings have one hash only when they are equal.
SELECT
    count(*) AS entry_count,
    min(voucher COLLATE "C") AS first_voucher,
    max(voucher COLLATE "C") AS last_voucher,
    encode(
        sha256(
            coalesce(
                string_agg(
                    sha256(
                        convert_to(
                            length(voucher) || ':' || voucher || entry_number
                            || ';' || accounting_date - '1970-01-01'::date
                            || ';' || length(account) || ':' || account || posting_type
                            || ';' || coalesce(project_id::text, '-')
                            || ';' || coalesce(dimension_set_id::text, '-')
                            || ';' || length(currency) || ':' || currency || transaction_amount
                            || ';' || accounting_amount || ';' || reporting_amount,
                            'UTF8'
                        )
                    ),
                    ''::bytea
                    ORDER BY voucher COLLATE "C", entry_number
                ),
                ''::bytea
            )
        ),
        'hex'
    ) AS content_hash
FROM finance.ledger_entry
WHERE company = %(company)s::text AND posting_id = %(posting_id)s::bigint;

-- name: lock_head
-- The lock puts the postings of a company in the order of their links, and keeps a period from
-- being closed under them; it lasts to the commit.
INSERT INTO finance.posting_head AS head (company, chain_number, hash)
VALUES (%(company)s::text, 0, '')
ON CONFLICT (company) DO UPDATE SET chain_number = head.chain_number;

-- name: add_link
WITH link AS (
    INSERT INTO finance.posting (
        company, chain_number, posting_id, kind, document, entry_count, first_voucher, last_voucher, content_hash,
        previous_hash, hash, posted_by, posted_at
    )
    SELECT
        head.company,
        head.chain_number + 1,
        %(posting_id)s::bigint,
        %(kind)s::text,
        %(document)s::text,
        %(entry_count)s::bigint,
        %(first_voucher)s::text,
        %(last_voucher)s::text,
        %(content_hash)s::text,
        head.hash,
        encode(
            sha256(
                convert_to(
                    head.hash || ';' || length(head.company) || ':' || head.company || head.chain_number + 1
                    || ';' || length(%(kind)s::text) || ':' || %(kind)s::text
                    || length(%(document)s::text) || ':' || %(document)s::text
                    || %(entry_count)s::bigint || ';' || %(content_hash)s::text
                    || ';' || length(%(actor)s::text) || ':' || %(actor)s::text
                    || (extract(EPOCH FROM %(at)s::timestamptz) * 1000000)::bigint,
                    'UTF8'
                )
            ),
            'hex'
        ),
        %(actor)s::text,
        %(at)s::timestamptz
    FROM finance.posting_head AS head
    WHERE head.company = %(company)s::text
    RETURNING posting.company, posting.chain_number, posting.hash
)

UPDATE finance.posting_head
SET
    chain_number = link.chain_number,
    hash = link.hash
FROM link
WHERE posting_head.company = link.company;

-- name: keep_balances
-- One row per account and day that was posted to; gives the days whose period is not open any more.
WITH movement AS (
    SELECT
        account,
        accounting_date,
        posting_type = 'year_end_closing' AS is_closing,
        count(*) AS entry_count,
        coalesce(sum(accounting_amount) FILTER (WHERE accounting_amount > 0), 0) AS debit_amount,
        coalesce(-sum(accounting_amount) FILTER (WHERE accounting_amount < 0), 0) AS credit_amount,
        coalesce(sum(reporting_amount) FILTER (WHERE reporting_amount > 0), 0) AS reporting_debit_amount,
        coalesce(-sum(reporting_amount) FILTER (WHERE reporting_amount < 0), 0) AS reporting_credit_amount
    FROM finance.ledger_entry
    WHERE company = %(company)s::text AND posting_id = %(posting_id)s::bigint
    GROUP BY account, accounting_date, posting_type = 'year_end_closing'
),

kept AS (
    INSERT INTO finance.account_balance AS balance (
        company, account, accounting_date, is_closing, entry_count, debit_amount, credit_amount,
        reporting_debit_amount, reporting_credit_amount
    )
    SELECT
        %(company)s::text,
        account,
        accounting_date,
        is_closing,
        entry_count,
        debit_amount,
        credit_amount,
        reporting_debit_amount,
        reporting_credit_amount
    FROM movement
    ON CONFLICT (company, account, accounting_date, is_closing) DO UPDATE
        SET
            entry_count = balance.entry_count + excluded.entry_count,
            debit_amount = balance.debit_amount + excluded.debit_amount,
            credit_amount = balance.credit_amount + excluded.credit_amount,
            reporting_debit_amount = balance.reporting_debit_amount + excluded.reporting_debit_amount,
            reporting_credit_amount = balance.reporting_credit_amount + excluded.reporting_credit_amount
)

SELECT DISTINCT movement.accounting_date
FROM movement
WHERE
    NOT EXISTS (
        SELECT FROM finance.fiscal_period
        WHERE
            fiscal_period.company = %(company)s::text
            AND fiscal_period.state = 'open'
            AND movement.accounting_date BETWEEN fiscal_period.period_start AND fiscal_period.period_end
    )
ORDER BY movement.accounting_date;

-- name: end_posting
-- What this transaction posts from here on is another posting.
SELECT set_config('twofold.posting_id', '', true);
