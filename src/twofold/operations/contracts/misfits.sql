-- name: find_misfits
-- A journal line that submitting would write otherwise today, not at all, or besides; and open sales
-- whose line has other percents now.
WITH present AS (
    SELECT DISTINCT
        line.entry_id,
        line.transaction_type,
        line.billing_type,
        line.price,
        line.currency,
        line.contract_line_id
    FROM pg_temp.priced
    JOIN operations.journal_line AS line
        ON line.company = %(company)s::text AND line.entry_id = priced.entry_id
    WHERE priced.company = %(company)s::text
),

fitting AS (
    SELECT
        priced.entry_id,
        line.transaction_type,
        priced.billing_type,
        line.price,
        line.currency,
        priced.contract_line_id
    FROM pg_temp.priced
    CROSS JOIN
        LATERAL (
            VALUES
            ('cost'::operations.transaction_type, priced.cost_price, priced.cost_currency),
            ('unbilled_sales', priced.sales_price, priced.sales_currency)
        ) AS line (transaction_type, price, currency)
    WHERE priced.company = %(company)s::text AND line.price IS NOT NULL
),

misfit AS (
    (
        SELECT * FROM present
        EXCEPT
        SELECT * FROM fitting
    )
    UNION
    (
        SELECT * FROM fitting
        EXCEPT
        SELECT * FROM present
    )
),

changed AS (
    SELECT sale.entry_id
    FROM operations.contract_line AS agreed
    JOIN operations.backlog_item AS item
        ON
            item.company = %(company)s::text
            AND item.contract_id = agreed.contract_id
            AND item.contract_line_id = agreed.contract_line_id
    JOIN operations.actual AS sale
        ON sale.company = %(company)s::text AND sale.actual_id = item.actual_id
    JOIN pg_temp.priced ON priced.company = %(company)s::text AND priced.entry_id = sale.entry_id
    WHERE
        agreed.company = %(company)s::text
        AND (sale.discount_percent, sale.fee_percent) <> (agreed.discount_percent, agreed.fee_percent)
)

SELECT coalesce(array_agg(DISTINCT entry_id), '{}') AS entry_ids
FROM (
    SELECT entry_id FROM misfit
    UNION ALL
    SELECT entry_id FROM changed
) AS concerned;

-- name: find_open_entries
-- Approved entries that a re-evaluation of some contract may concern.
SELECT coalesce(array_agg(entry.entry_id), '{}') AS entry_ids
FROM operations.contract
JOIN operations.project
    ON
        project.company = %(company)s::text
        AND project.contract_id = contract.contract_id
        AND project.state = 'in_process'
JOIN operations.entry
    ON
        entry.company = %(company)s::text
        AND entry.project_id = project.project_id
        AND entry.state = 'approved'
WHERE contract.company = %(company)s::text AND contract.state IN ('draft', 'active', 'on_hold');

-- name: count_by_contract
SELECT
    contract.number AS contract_number,
    count(*) AS entry_count
FROM operations.entry
JOIN operations.project
    ON project.company = %(company)s::text AND project.project_id = entry.project_id
JOIN operations.contract
    ON contract.company = %(company)s::text AND contract.contract_id = project.contract_id
WHERE entry.company = %(company)s::text AND entry.entry_id = any(%(entry_ids)s::bigint[])
GROUP BY contract.number
ORDER BY contract.number;
