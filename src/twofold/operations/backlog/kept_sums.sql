-- name: fold
-- Rows of one kind become one, or none where nothing is left of it. They are locked before they are
-- deleted, and what is locked already is passed over: two that fold at once never wait for each other.
WITH faced AS (
    SELECT
        contract_id,
        backlog_sum_id,
        count(*) OVER (PARTITION BY contract_id, customer_id, project_id, transaction_date, state) AS row_count
    FROM operations.backlog_sum
    WHERE
        company = %(company)s::text
        AND (%(contract_ids)s::bigint[] IS NULL OR contract_id = any(%(contract_ids)s::bigint[]))
),

locked AS (
    SELECT
        kept.contract_id,
        kept.backlog_sum_id
    FROM faced
    JOIN operations.backlog_sum AS kept
        ON
            kept.company = %(company)s::text
            AND kept.contract_id = faced.contract_id
            AND kept.backlog_sum_id = faced.backlog_sum_id
    WHERE faced.row_count > 1
    FOR UPDATE OF kept SKIP LOCKED
),

folded AS (
    DELETE FROM operations.backlog_sum AS kept
    USING locked
    WHERE
        kept.company = %(company)s::text
        AND kept.contract_id = locked.contract_id
        AND kept.backlog_sum_id = locked.backlog_sum_id
    RETURNING kept.*
)

INSERT INTO operations.backlog_sum (
    company, contract_id, customer_id, project_id, transaction_date, state, item_count, amount
)
SELECT
    company,
    contract_id,
    customer_id,
    project_id,
    transaction_date,
    state,
    sum(item_count),
    sum(amount)
FROM folded
GROUP BY company, contract_id, customer_id, project_id, transaction_date, state
HAVING sum(item_count) <> 0 OR sum(amount) <> 0;
