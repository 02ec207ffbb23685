-- name: dimension_balances
-- Summed up per account and combination first: combinations are few, entries are many.
WITH moved AS (
    SELECT
        ledger_entry.account,
        ledger_entry.dimension_set_id,
        sum(ledger_entry.accounting_amount)
        FILTER (WHERE ledger_entry.accounting_date < %(period_from)s::date) AS opening_amount,
        sum(ledger_entry.accounting_amount)
        FILTER (WHERE ledger_entry.accounting_date >= %(period_from)s::date) AS movement_amount
    FROM finance.ledger_entry
    WHERE
        ledger_entry.company = %(company)s::text
        AND ledger_entry.accounting_date <= %(period_to)s::date
    GROUP BY ledger_entry.account, ledger_entry.dimension_set_id
),

valued AS (
    SELECT
        moved.account,
        coalesce(dimension_set.dimensions ->> %(attribute)s::text, '') AS value,
        coalesce(sum(moved.opening_amount), 0) AS opening_amount,
        coalesce(sum(moved.movement_amount), 0) AS movement_amount
    FROM moved
    LEFT JOIN finance.dimension_set
        ON
            dimension_set.company = %(company)s::text
            AND dimension_set.dimension_set_id = moved.dimension_set_id
    GROUP BY moved.account, coalesce(dimension_set.dimensions ->> %(attribute)s::text, '')
)

SELECT
    valued.account,
    valued.value,
    valued.opening_amount,
    valued.movement_amount,
    coalesce(main_account.name, '') AS name,
    valued.opening_amount + valued.movement_amount AS closing_amount
FROM valued
LEFT JOIN finance.main_account
    ON main_account.company = %(company)s::text AND main_account.account = valued.account
WHERE valued.opening_amount <> 0 OR valued.movement_amount <> 0
ORDER BY valued.account, valued.value;
