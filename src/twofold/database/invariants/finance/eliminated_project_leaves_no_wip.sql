-- An estimate project that is eliminated has nothing left in work in progress, neither sales value nor cost value, in
-- both currencies of the company, and its revenue is that of the contract line.
WITH standing AS (
    SELECT
        company,
        contract_line_id,
        max(estimate_number) AS last_number,
        sum(accrued_amount) AS accrued_amount
    FROM finance.standing_estimate
    GROUP BY company, contract_line_id
),

eliminated AS (
    SELECT
        standing.company,
        standing.contract_line_id,
        standing.accrued_amount,
        last.contract_amount
    FROM standing
    JOIN finance.estimate AS last
        ON
            last.company = standing.company
            AND last.contract_line_id = standing.contract_line_id
            AND last.estimate_number = standing.last_number
    WHERE last.kind = 'elimination'
),

movement AS (
    SELECT
        document.company,
        document.contract_line_id,
        entry.posting_type,
        entry.account,
        entry.accounting_amount AS amount,
        entry.reporting_amount
    FROM finance.estimate_voucher AS document
    JOIN finance.ledger_entry AS entry
        ON entry.company = document.company AND entry.voucher = document.voucher
    WHERE entry.posting_type IN ('wip_sales_value', 'wip_cost_value', 'wip_cost_value_item')
    UNION ALL
    SELECT
        taken.company,
        taken.contract_line_id,
        posted.cost_type,
        posted.cost_account,
        posted.accounting_amount,
        posted.cost_reporting_amount
    FROM finance.standing_estimate AS taken
    JOIN finance.estimated_cost AS cost
        ON cost.company = taken.company AND cost.voucher = taken.voucher
    JOIN finance.project_transaction AS posted
        ON posted.company = cost.company AND posted.actual_id = cost.actual_id
    WHERE posted.cost_type <> 'cost'
)

SELECT
    eliminated.company,
    eliminated.contract_line_id,
    movement.posting_type || ' ' || movement.account AS place,
    sum(movement.amount) AS amount,
    sum(movement.reporting_amount) AS reporting_amount
FROM eliminated
JOIN movement
    ON movement.company = eliminated.company AND movement.contract_line_id = eliminated.contract_line_id
GROUP BY eliminated.company, eliminated.contract_line_id, movement.posting_type, movement.account
HAVING sum(movement.amount) <> 0 OR sum(movement.reporting_amount) <> 0
UNION ALL
SELECT
    company,
    contract_line_id,
    'accrued_revenue',
    accrued_amount - contract_amount,
    0
FROM eliminated
WHERE accrued_amount <> contract_amount;
