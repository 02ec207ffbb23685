-- name: read_settlement
SELECT
    settlement.voucher,
    undone.settlement_id IS NOT NULL AS is_undone,
    exists(
        SELECT 1 FROM finance.fiscal_period
        WHERE
            fiscal_period.company = %(company)s::text
            AND fiscal_period.state = 'open'
            AND %(day)s::date BETWEEN fiscal_period.period_start AND fiscal_period.period_end
    ) AS day_is_open
FROM finance.settlement
LEFT JOIN finance.settlement_undone AS undone
    ON undone.company = settlement.company AND undone.settlement_id = settlement.settlement_id
WHERE settlement.company = %(company)s::text AND settlement.settlement_id = %(settlement_id)s::bigint;

-- name: add_undone
INSERT INTO finance.settlement_undone (
    company, settlement_id, undone_on, reason, voucher, undone_by, undone_at
)
VALUES (
    %(company)s::text,
    %(settlement_id)s::bigint,
    %(day)s::date,
    %(reason)s::text,
    %(voucher)s::text,
    %(actor)s::text,
    %(at)s::timestamptz
);

-- name: reverse_difference
-- The same entries with the other sign; none where the settlement realised no difference.
INSERT INTO finance.ledger_entry (
    company, voucher, entry_number, accounting_date, account, posting_type, project_id, currency,
    transaction_amount, accounting_amount, reporting_amount
)
SELECT
    company,
    %(voucher)s::text,
    entry_number,
    %(day)s::date,
    account,
    posting_type,
    project_id,
    currency,
    -transaction_amount,
    -accounting_amount,
    -reporting_amount
FROM finance.ledger_entry
WHERE company = %(company)s::text AND voucher = %(reversed)s::text;
