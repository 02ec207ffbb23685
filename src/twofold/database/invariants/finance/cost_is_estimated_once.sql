-- One standing estimate at most takes a cost, and it is posted and of the estimate's contract line.
SELECT
    cost.company,
    cost.actual_id,
    count(*) AS estimate_count,
    min(standing.voucher) AS first_voucher,
    max(standing.voucher) AS last_voucher
FROM finance.estimated_cost AS cost
JOIN finance.standing_estimate AS standing
    ON standing.company = cost.company AND standing.voucher = cost.voucher
LEFT JOIN finance.project_transaction AS posted
    ON posted.company = cost.company AND posted.actual_id = cost.actual_id
LEFT JOIN finance.staged_actual AS actual
    ON actual.company = cost.company AND actual.actual_id = cost.actual_id
GROUP BY cost.company, cost.actual_id
HAVING
    count(*) > 1
    OR bool_or(
        posted.actual_id IS NULL
        OR actual.transaction_type IS DISTINCT FROM 'cost'
        OR actual.contract_line_id IS DISTINCT FROM standing.contract_line_id
    );
