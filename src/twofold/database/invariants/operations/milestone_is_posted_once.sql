-- A milestone is posted exactly when one billed sale stands for it, at its amount.
WITH bill AS (
    SELECT
        billed.company,
        billed.milestone_id,
        count(*) AS bill_count,
        sum(billed.amount) AS amount
    FROM operations.actual AS billed
    WHERE
        billed.milestone_id IS NOT NULL AND billed.transaction_type = 'billed_sales'
        AND billed.reverses_id IS NULL
        AND NOT EXISTS (
            SELECT FROM operations.actual AS reversal
            WHERE reversal.company = billed.company AND reversal.reverses_id = billed.actual_id
        )
    GROUP BY billed.company, billed.milestone_id
)

SELECT
    milestone.state::text AS state,
    bill.bill_count,
    milestone.amount,
    bill.amount AS billed_amount,
    coalesce(milestone.company, bill.company) AS company,
    'milestone/' || coalesce(milestone.milestone_id, bill.milestone_id) AS record
FROM operations.milestone
FULL JOIN bill
    ON bill.company = milestone.company AND bill.milestone_id = milestone.milestone_id
WHERE
    (coalesce(milestone.state, 'not_ready') = 'posted') <> (bill.bill_count IS NOT NULL)
    OR bill.bill_count > 1
    OR bill.amount <> milestone.amount;
