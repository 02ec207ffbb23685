-- The kept sums of the backlog are the count and the chargeable amount of its items.
WITH part AS (
    SELECT
        company,
        contract_id,
        customer_id,
        project_id,
        transaction_date,
        state,
        1 AS counted,
        0 AS kept,
        CASE billing_type WHEN 'chargeable' THEN amount - discount_amount + fee_amount ELSE 0 END AS counted_amount,
        0 AS kept_amount
    FROM operations.backlog_item
    UNION ALL
    SELECT
        company,
        contract_id,
        customer_id,
        project_id,
        transaction_date,
        state,
        0,
        item_count,
        0,
        amount
    FROM operations.backlog_sum
)

SELECT
    company,
    customer_id,
    project_id,
    transaction_date,
    state,
    'contract/' || contract_id AS record,
    sum(counted) AS item_count,
    sum(kept) AS kept_count,
    sum(counted_amount) AS amount,
    sum(kept_amount) AS kept_amount
FROM part
GROUP BY company, contract_id, customer_id, project_id, transaction_date, state
HAVING sum(counted) <> sum(kept) OR sum(counted_amount) <> sum(kept_amount);
