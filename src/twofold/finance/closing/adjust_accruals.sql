-- name: read_facts
SELECT
    exists(
        SELECT 1 FROM finance.fiscal_period
        WHERE
            company = %(company)s::text
            AND state = 'open'
            AND %(day)s::date BETWEEN period_start AND period_end
    ) AS is_open,
    coalesce(
        (
            SELECT account FROM finance.main_account
            WHERE company = %(company)s::text AND account = %(offset_account)s::text
        ),
        ''
    ) = coalesce(%(offset_account)s::text, '') AS knows_offset;

-- name: add_adjustments
-- In the reporting currency the imbalance has its share of what the accrual came to.
WITH added AS (
    INSERT INTO finance.accrual_adjustment (
        company, voucher, actual_id, accounting_date, side, offset_account, amount, reporting_amount, description,
        adjusted_by, adjusted_at
    )
    SELECT
        %(company)s::text,
        %(voucher)s::text,
        balance.actual_id,
        %(day)s::date,
        %(side)s::text,
        %(offset_account)s::text,
        balance.imbalance_amount,
        round(
            balance.accrued_reporting_amount * balance.imbalance_amount / balance.accrued_amount, currency.precision
        ),
        %(description)s::text,
        %(actor)s::text,
        %(at)s::timestamptz
    FROM finance.accrual_balance AS balance
    JOIN finance.legal_entity ON legal_entity.company = %(company)s::text
    JOIN finance.currency ON currency.currency = legal_entity.reporting_currency
    WHERE
        balance.company = %(company)s::text
        AND balance.invoiced_on BETWEEN %(period_from)s::date AND %(period_to)s::date
        AND balance.is_off
        AND balance.imbalance_amount <> 0
        AND balance.accrued_amount <> 0
        AND (
            %(actual_ids)s::bigint[] IS NULL
            OR balance.actual_id = any(%(actual_ids)s::bigint[])
        )
    RETURNING amount
)

SELECT
    count(*) AS transaction_count,
    coalesce(sum(amount), 0) AS amount
FROM added;

-- name: add_entries
-- Work in progress gives the imbalance up, accrued revenue takes it; where one side was right, the
-- offset account stands for it.
WITH leg AS (
    SELECT
        side.posting_type,
        side.account,
        balance.project_id,
        adjustment.accounting_date,
        sum(side.direction * adjustment.amount) AS amount,
        sum(side.direction * adjustment.reporting_amount) AS reporting_amount
    FROM finance.accrual_adjustment AS adjustment
    JOIN finance.accrual_balance AS balance
        ON balance.company = adjustment.company AND balance.actual_id = adjustment.actual_id
    CROSS JOIN
        LATERAL (
            VALUES
            (
                1,
                CASE adjustment.side WHEN 'wip' THEN 'accrual_offset' ELSE 'accrued_revenue' END,
                CASE adjustment.side
                    WHEN 'wip' THEN adjustment.offset_account ELSE balance.accrued_revenue_account
                END
            ),
            (
                -1,
                CASE adjustment.side WHEN 'revenue' THEN 'accrual_offset' ELSE 'wip_sales_value' END,
                CASE adjustment.side WHEN 'revenue' THEN adjustment.offset_account ELSE balance.wip_account END
            )
        ) AS side (direction, posting_type, account)
    WHERE adjustment.company = %(company)s::text AND adjustment.voucher = %(voucher)s::text
    GROUP BY side.posting_type, side.account, balance.project_id, adjustment.accounting_date
)

INSERT INTO finance.ledger_entry (
    company, voucher, entry_number, accounting_date, account, posting_type, project_id, currency,
    transaction_amount, accounting_amount, reporting_amount
)
SELECT
    %(company)s::text,
    %(voucher)s::text,
    row_number() OVER (ORDER BY leg.posting_type, leg.account, leg.project_id),
    leg.accounting_date,
    leg.account,
    leg.posting_type::finance.posting_type,
    leg.project_id,
    legal_entity.accounting_currency,
    leg.amount AS transaction_amount,
    leg.amount AS accounting_amount,
    leg.reporting_amount
FROM leg
JOIN finance.legal_entity ON legal_entity.company = %(company)s::text
WHERE leg.amount <> 0 OR leg.reporting_amount <> 0;
