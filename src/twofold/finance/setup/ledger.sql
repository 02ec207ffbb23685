-- Every section «put_…» takes the rows of one company and table as JSON, adds the new ones, changes
-- those that differ, and gives the counts. A row just added has no earlier version: its xmax is 0.

-- name: put_main_account
WITH given AS (
    SELECT
        given_row.account,
        given_row.name,
        given_row.kind
    FROM jsonb_to_recordset(%(rows)s::jsonb) AS given_row (account text, name text, kind finance.account_kind)
),

written AS (
    INSERT INTO finance.main_account AS stored (company, account, name, kind)
    SELECT
        %(company)s::text,
        account,
        name,
        kind
    FROM given
    ORDER BY account
    ON CONFLICT (company, account) DO UPDATE
        SET
            name = excluded.name,
            kind = excluded.kind
        WHERE (stored.name, stored.kind) IS DISTINCT FROM (excluded.name, excluded.kind)
    RETURNING xmax = 0 AS is_new
)

SELECT
    0::bigint AS removed,
    count(*) FILTER (WHERE is_new) AS added,
    count(*) FILTER (WHERE NOT is_new) AS changed,
    (SELECT count(*) FROM given) - count(*) AS unchanged
FROM written;

-- name: put_fiscal_period
WITH given AS (
    SELECT
        given_row.period_start,
        given_row.period_end,
        given_row.state
    FROM jsonb_to_recordset(%(rows)s::jsonb) AS given_row (
        period_start date, period_end date, state finance.period_state
    )
),

written AS (
    INSERT INTO finance.fiscal_period AS stored (company, period_start, period_end, state)
    SELECT
        %(company)s::text,
        period_start,
        period_end,
        state
    FROM given
    ORDER BY period_start
    ON CONFLICT (company, period_start) DO UPDATE
        SET
            period_end = excluded.period_end,
            state = excluded.state
        WHERE (stored.period_end, stored.state) IS DISTINCT FROM (excluded.period_end, excluded.state)
    RETURNING xmax = 0 AS is_new
)

SELECT
    0::bigint AS removed,
    count(*) FILTER (WHERE is_new) AS added,
    count(*) FILTER (WHERE NOT is_new) AS changed,
    (SELECT count(*) FROM given) - count(*) AS unchanged
FROM written;

-- name: put_exchange_rate
WITH given AS (
    SELECT
        given_row.currency,
        given_row.valid_from,
        given_row.rate
    FROM jsonb_to_recordset(%(rows)s::jsonb) AS given_row (currency text, valid_from date, rate numeric)
),

written AS (
    INSERT INTO finance.exchange_rate AS stored (company, currency, valid_from, rate)
    SELECT
        %(company)s::text,
        currency,
        valid_from,
        rate
    FROM given
    ORDER BY currency, valid_from
    ON CONFLICT (company, currency, valid_from) DO UPDATE
        SET
            rate = excluded.rate
        WHERE stored.rate IS DISTINCT FROM excluded.rate
    RETURNING xmax = 0 AS is_new
)

SELECT
    0::bigint AS removed,
    count(*) FILTER (WHERE is_new) AS added,
    count(*) FILTER (WHERE NOT is_new) AS changed,
    (SELECT count(*) FROM given) - count(*) AS unchanged
FROM written;

-- name: put_fixed_rate_agreement
WITH given AS (
    SELECT
        given_row.contract_number,
        given_row.currency,
        given_row.rate
    FROM jsonb_to_recordset(%(rows)s::jsonb) AS given_row (contract_number text, currency text, rate numeric)
),

written AS (
    INSERT INTO finance.fixed_rate_agreement AS stored (company, contract_number, currency, rate)
    SELECT
        %(company)s::text,
        contract_number,
        currency,
        rate
    FROM given
    ORDER BY contract_number, currency
    ON CONFLICT (company, contract_number, currency) DO UPDATE
        SET
            rate = excluded.rate
        WHERE stored.rate IS DISTINCT FROM excluded.rate
    RETURNING xmax = 0 AS is_new
)

SELECT
    0::bigint AS removed,
    count(*) FILTER (WHERE is_new) AS added,
    count(*) FILTER (WHERE NOT is_new) AS changed,
    (SELECT count(*) FROM given) - count(*) AS unchanged
FROM written;

-- name: put_number_sequence
-- Numbers that were given out are never given again: the next number does not go back.
WITH given AS (
    SELECT
        given_row.reference,
        given_row.prefix,
        given_row.digits,
        given_row.next_number
    FROM jsonb_to_recordset(%(rows)s::jsonb) AS given_row (
        reference finance.sequence_reference, prefix text, digits integer, next_number bigint
    )
),

written AS (
    INSERT INTO finance.number_sequence AS stored (company, reference, prefix, digits, next_number)
    SELECT
        %(company)s::text,
        reference,
        prefix,
        digits,
        next_number
    FROM given
    ORDER BY reference
    ON CONFLICT (company, reference) DO UPDATE
        SET
            prefix = excluded.prefix,
            digits = excluded.digits,
            next_number = greatest(stored.next_number, excluded.next_number)
        WHERE (stored.prefix, stored.digits) IS DISTINCT FROM (excluded.prefix, excluded.digits)
        OR stored.next_number < excluded.next_number
    RETURNING xmax = 0 AS is_new
)

SELECT
    0::bigint AS removed,
    count(*) FILTER (WHERE is_new) AS added,
    count(*) FILTER (WHERE NOT is_new) AS changed,
    (SELECT count(*) FROM given) - count(*) AS unchanged
FROM written;

-- name: put_payment_terms
WITH given AS (
    SELECT
        given_row.payment_terms,
        given_row.method,
        given_row.months,
        given_row.days
    FROM jsonb_to_recordset(%(rows)s::jsonb) AS given_row (
        payment_terms text, method finance.payment_method, months integer, days integer
    )
),

written AS (
    INSERT INTO finance.payment_terms AS stored (company, payment_terms, method, months, days)
    SELECT
        %(company)s::text,
        payment_terms,
        method,
        months,
        days
    FROM given
    ORDER BY payment_terms
    ON CONFLICT (company, payment_terms) DO UPDATE
        SET
            method = excluded.method,
            months = excluded.months,
            days = excluded.days
        WHERE (stored.method, stored.months, stored.days)
        IS DISTINCT FROM (excluded.method, excluded.months, excluded.days)
    RETURNING xmax = 0 AS is_new
)

SELECT
    0::bigint AS removed,
    count(*) FILTER (WHERE is_new) AS added,
    count(*) FILTER (WHERE NOT is_new) AS changed,
    (SELECT count(*) FROM given) - count(*) AS unchanged
FROM written;

-- name: put_posting_profile
WITH given AS (
    SELECT
        given_row.posting_profile,
        given_row.receivable_account
    FROM jsonb_to_recordset(%(rows)s::jsonb) AS given_row (posting_profile text, receivable_account text)
),

written AS (
    INSERT INTO finance.posting_profile AS stored (company, posting_profile, receivable_account)
    SELECT
        %(company)s::text,
        posting_profile,
        receivable_account
    FROM given
    ORDER BY posting_profile
    ON CONFLICT (company, posting_profile) DO UPDATE
        SET
            receivable_account = excluded.receivable_account
        WHERE stored.receivable_account IS DISTINCT FROM excluded.receivable_account
    RETURNING xmax = 0 AS is_new
)

SELECT
    0::bigint AS removed,
    count(*) FILTER (WHERE is_new) AS added,
    count(*) FILTER (WHERE NOT is_new) AS changed,
    (SELECT count(*) FROM given) - count(*) AS unchanged
FROM written;
