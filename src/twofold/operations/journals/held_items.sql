-- name: move_items
-- Whoever bills takes only what is ready: an item in process is neither ready nor made so.
WITH moved_item AS (
    UPDATE operations.backlog_item AS item
    SET state = CASE WHEN %(is_held)s::boolean THEN 'in_process' ELSE held.item_state END
    FROM operations.actual_in_process AS held
    WHERE
        held.company = %(company)s::text
        AND held.journal_id = %(journal_id)s::bigint
        AND held.item_state IS NOT NULL
        AND item.company = %(company)s::text
        AND item.contract_id = held.contract_id
        AND item.actual_id = held.actual_id
    RETURNING
        item.contract_id,
        item.customer_id,
        item.project_id,
        item.transaction_date,
        held.item_state,
        operations.chargeable_amount(item.billing_type, item.amount, item.discount_amount, item.fee_amount) AS amount
),

part AS (
    SELECT
        contract_id,
        customer_id,
        project_id,
        transaction_date,
        item_state,
        count(*) AS item_count,
        sum(amount) AS amount
    FROM moved_item
    GROUP BY contract_id, customer_id, project_id, transaction_date, item_state
)

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
        (part.item_state, CASE WHEN %(is_held)s::boolean THEN -1 ELSE 1 END),
        ('in_process', CASE WHEN %(is_held)s::boolean THEN 1 ELSE -1 END)
    ) AS moved (state, sign);
