-- name: read_year
WITH balance AS (
    SELECT
        kept.account,
        sum(kept.debit_amount - kept.credit_amount) AS amount,
        sum(kept.reporting_debit_amount - kept.reporting_credit_amount) AS reporting_amount
    FROM finance.account_balance AS kept
    JOIN finance.main_account
        ON main_account.company = kept.company AND main_account.account = kept.account
    WHERE
        kept.company = %(company)s::text
        AND kept.accounting_date <= %(year_end)s::date
        AND main_account.kind IN ('revenue', 'expense')
    GROUP BY kept.account
)

SELECT
    (
        SELECT state = 'open' FROM finance.fiscal_period
        WHERE company = %(company)s::text AND period_end = %(year_end)s::date
    ) AS is_open,
    (
        SELECT setup.account FROM finance.posting_setup AS setup
        WHERE
            setup.company = %(company)s::text
            AND setup.posting_type = 'retained_earnings'
            AND num_nonnulls(
                setup.project_number, setup.project_group, setup.category_number, setup.category_group, setup.payer,
                setup.tax_group
            ) = 0
    ) AS retained_account,
    count(*) AS account_count,
    coalesce(-sum(amount), 0) AS profit_amount
FROM balance
WHERE amount <> 0 OR reporting_amount <> 0;

-- name: add_closing
INSERT INTO finance.year_closing (company, voucher, year_end, closed_by, closed_at)
VALUES (
    %(company)s::text,
    %(voucher)s::text,
    %(year_end)s::date,
    %(actor)s::text,
    %(at)s::timestamptz
);

-- name: add_entries
-- One entry per account that brings it to zero, and one that takes them all.
WITH balance AS (
    SELECT
        kept.account,
        sum(kept.debit_amount - kept.credit_amount) AS amount,
        sum(kept.reporting_debit_amount - kept.reporting_credit_amount) AS reporting_amount
    FROM finance.account_balance AS kept
    JOIN finance.main_account
        ON main_account.company = kept.company AND main_account.account = kept.account
    WHERE
        kept.company = %(company)s::text
        AND kept.accounting_date <= %(year_end)s::date
        AND main_account.kind IN ('revenue', 'expense')
    GROUP BY kept.account
),

leg AS (
    SELECT
        account,
        -amount AS amount,
        -reporting_amount AS reporting_amount,
        1 AS place
    FROM balance
    WHERE amount <> 0 OR reporting_amount <> 0
    UNION ALL
    SELECT
        %(retained_account)s::text,
        sum(amount),
        sum(reporting_amount),
        2
    FROM balance
)

INSERT INTO finance.ledger_entry (
    company, voucher, entry_number, accounting_date, account, posting_type, project_id, currency,
    transaction_amount, accounting_amount, reporting_amount
)
SELECT
    %(company)s::text,
    %(voucher)s::text,
    row_number() OVER (ORDER BY leg.place, leg.account),
    %(year_end)s::date,
    leg.account,
    'year_end_closing',
    NULL,
    legal_entity.accounting_currency,
    leg.amount AS transaction_amount,
    leg.amount AS accounting_amount,
    leg.reporting_amount
FROM leg
JOIN finance.legal_entity ON legal_entity.company = %(company)s::text;
