-- name: imbalances
-- An account has the side of the accrual that it holds: work in progress debit, revenue credit.
WITH unbalanced AS (
    SELECT *
    FROM finance.accrual_balance
    WHERE
        company = %(company)s::text
        AND invoiced_on BETWEEN %(period_from)s::date AND %(period_to)s::date
        AND is_off
        AND imbalance_amount <> 0
)

SELECT
    side.name,
    count(*) AS transaction_count,
    sum(side.direction * unbalanced.accrued_amount) AS accrued_amount,
    sum(side.direction * unbalanced.reversed_amount) AS reversed_amount,
    sum(side.direction * unbalanced.adjusted_amount) AS adjusted_amount,
    sum(side.direction * unbalanced.imbalance_amount) AS imbalance_amount
FROM unbalanced
LEFT JOIN finance.project
    ON project.company = %(company)s::text AND project.project_id = unbalanced.project_id
CROSS JOIN
    LATERAL (
        VALUES
        ('transaction', unbalanced.actual_id::text, 1),
        ('project', coalesce(project.number, unbalanced.project_id::text), 1),
        ('account', unbalanced.wip_account, 1),
        ('account', unbalanced.accrued_revenue_account, -1)
    ) AS side (view, name, direction)
WHERE
    side.view = %(view)s::text
    AND (%(project)s::text IS NULL OR project.number = %(project)s::text)
GROUP BY side.name
ORDER BY side.name;
