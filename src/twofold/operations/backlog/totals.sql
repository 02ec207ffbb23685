-- name: backlog_by
-- The open work of a company in one dimension. Age counts days from the work, or from the day a
-- milestone or retainer is due, to the day that is asked for.
WITH open_item AS (
    -- Sales from the kept sums, by day and no finer than is asked for; what came and is gone is not open.
    SELECT
        CASE %(dimension)s::text WHEN 'customer' THEN kept.customer_id WHEN 'project' THEN kept.project_id END AS key,
        contract.currency,
        kept.transaction_date AS on_day,
        kept.state = 'ready' AS is_ready,
        sum(kept.item_count) AS item_count,
        sum(kept.amount) AS amount
    FROM operations.backlog_sum AS kept
    JOIN operations.contract
        ON contract.company = %(company)s::text AND contract.contract_id = kept.contract_id
    WHERE kept.company = %(company)s::text
    GROUP BY key, contract.currency, on_day, is_ready
    HAVING sum(kept.item_count) <> 0
    UNION ALL
    SELECT
        CASE %(dimension)s::text WHEN 'customer' THEN customer_id WHEN 'project' THEN project_id END,
        currency,
        milestone_date,
        state = 'ready',
        1,
        amount
    FROM operations.milestone
    WHERE company = %(company)s::text AND state <> 'posted'
    UNION ALL
    SELECT
        CASE %(dimension)s::text WHEN 'customer' THEN customer_id WHEN 'project' THEN project_id END,
        currency,
        invoice_date,
        state = 'ready',
        1,
        amount
    FROM operations.retainer_item
    WHERE company = %(company)s::text
),

placed AS (
    SELECT
        key,
        currency,
        on_day,
        is_ready,
        item_count,
        amount,
        CASE
            WHEN %(dimension)s::text <> 'age' THEN 0
            WHEN on_day > %(as_of)s::date THEN 0
            WHEN on_day > %(as_of)s::date - 31 THEN 1
            WHEN on_day > %(as_of)s::date - 61 THEN 2
            WHEN on_day > %(as_of)s::date - 91 THEN 3
            ELSE 4
        END AS age
    FROM open_item
),

total AS (
    SELECT
        key,
        age,
        currency,
        sum(item_count)::bigint AS item_count,
        sum(amount) AS amount,
        coalesce(sum(item_count) FILTER (WHERE is_ready), 0)::bigint AS ready_count,
        coalesce(sum(amount) FILTER (WHERE is_ready), 0) AS ready_amount,
        min(on_day) AS oldest
    FROM placed
    GROUP BY key, age, currency
)

SELECT
    total.currency,
    total.item_count,
    total.amount,
    total.ready_count,
    total.ready_amount,
    total.oldest,
    coalesce(
        customer.account,
        project.number,
        CASE
            WHEN %(dimension)s::text = 'age'
                THEN (ARRAY['not due', '0 to 30 days', '31 to 60 days', '61 to 90 days', 'over 90 days'])[total.age + 1]
            ELSE 'nobody'
        END
    ) AS number,
    coalesce(customer.name, project.name, '') AS name
FROM total
LEFT JOIN operations.customer
    ON
        %(dimension)s::text = 'customer'
        AND customer.company = %(company)s::text
        AND customer.customer_id = total.key
LEFT JOIN operations.project
    ON
        %(dimension)s::text = 'project'
        AND project.company = %(company)s::text
        AND project.project_id = total.key
ORDER BY total.age, number, total.currency;
