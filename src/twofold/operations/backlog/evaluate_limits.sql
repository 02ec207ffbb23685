-- name: contracts_of_selection
SELECT DISTINCT item.contract_id
FROM operations.backlog_item AS item
WHERE
    item.company = %(company)s::text
    AND (%(contract_id)s::bigint IS NULL OR item.contract_id = %(contract_id)s::bigint)
    AND (%(project_id)s::bigint IS NULL OR item.project_id = %(project_id)s::bigint)
    AND (%(up_to)s::date IS NULL OR item.transaction_date <= %(up_to)s::date)
    AND (%(actual_ids)s::bigint[] IS NULL OR item.actual_id = any(%(actual_ids)s::bigint[]))
ORDER BY item.contract_id;

-- name: reset
-- Chargeable work that is not on a draft gives back what it had taken; everything else is left as
-- it is. Work that is to be evaluated again at once stays ready, until it fails.
WITH chosen AS (
    SELECT
        item.contract_id,
        item.actual_id,
        item.state
    FROM operations.backlog_item AS item
    WHERE
        item.company = %(company)s::text
        AND item.contract_id = any(%(contract_ids)s::bigint[])
        AND (%(project_id)s::bigint IS NULL OR item.project_id = %(project_id)s::bigint)
        AND (%(up_to)s::date IS NULL OR item.transaction_date <= %(up_to)s::date)
        AND (%(actual_ids)s::bigint[] IS NULL OR item.actual_id = any(%(actual_ids)s::bigint[]))
        AND item.billing_type = 'chargeable'
        AND item.class <> 'retainer'
        AND item.state IN ('created', 'ready')
        AND (%(stays_ready)s::boolean OR item.not_to_exceed IN ('committed', 'failed'))
),

reset AS (
    UPDATE operations.backlog_item AS item
    SET
        not_to_exceed = 'not_evaluated',
        exceeds = NULL,
        state = CASE WHEN %(stays_ready)s::boolean THEN item.state ELSE 'created' END
    FROM chosen
    WHERE
        item.company = %(company)s::text
        AND item.contract_id = chosen.contract_id
        AND item.actual_id = chosen.actual_id
        AND item.state = chosen.state
    RETURNING
        item.contract_id,
        item.customer_id,
        item.project_id,
        item.transaction_date,
        item.state,
        chosen.state AS earlier_state,
        operations.chargeable_amount(item.billing_type, item.amount, item.discount_amount, item.fee_amount) AS amount
),

part AS (
    SELECT
        contract_id,
        customer_id,
        project_id,
        transaction_date,
        state,
        earlier_state,
        count(*) AS item_count,
        sum(amount) AS amount
    FROM reset
    WHERE state <> earlier_state
    GROUP BY contract_id, customer_id, project_id, transaction_date, state, earlier_state
),

kept AS (
    INSERT INTO operations.backlog_sum (
        company, contract_id, customer_id, project_id, transaction_date, state, item_count, amount
    )
    SELECT
        %(company)s::text,
        part.contract_id,
        part.customer_id,
        part.project_id,
        part.transaction_date,
        moved.state,
        moved.sign * part.item_count,
        moved.sign * part.amount
    FROM part
    CROSS JOIN
        LATERAL (
            VALUES
            (part.earlier_state, -1),
            (part.state, 1)
        ) AS moved (state, sign)
)

SELECT count(*) AS item_count
FROM reset;
