-- name: open_items
-- Unbilled sales of a block of keys that nothing has reversed; the open sale of a retainer is used,
-- never billed. Chargeable sales of a contract with limits wait to be evaluated.
WITH limited AS (
    SELECT DISTINCT contract_id
    FROM operations.not_to_exceed_limit
    WHERE company = %(company)s::text
),

reversed AS MATERIALIZED (
    -- What reverses a new sale names a key of the block: few rows or none, whatever the block holds.
    SELECT reverses_id AS actual_id
    FROM operations.actual
    WHERE company = %(company)s::text AND reverses_id BETWEEN %(first_key)s::bigint AND %(last_key)s::bigint
),

opened AS (
    INSERT INTO operations.backlog_item AS item (
        company, actual_id, contract_id, contract_line_id, customer_id, project_id, class, billing_type,
        transaction_date, quantity, amount, discount_amount, fee_amount, currency, state, not_to_exceed
    )
    SELECT
        sale.company,
        sale.actual_id,
        sale.contract_id,
        sale.contract_line_id,
        sale.customer_id,
        sale.project_id,
        sale.class,
        sale.billing_type,
        sale.transaction_date,
        sale.quantity,
        sale.amount,
        sale.discount_amount,
        sale.fee_amount,
        sale.currency,
        'created',
        CASE
            WHEN limited.contract_id IS NOT NULL AND sale.billing_type = 'chargeable' THEN 'not_evaluated'
            ELSE 'not_applicable'
        END::operations.not_to_exceed_state
    FROM operations.actual AS sale
    LEFT JOIN limited ON limited.contract_id = sale.contract_id
    LEFT JOIN reversed ON reversed.actual_id = sale.actual_id
    WHERE
        sale.company = %(company)s::text
        AND sale.actual_id BETWEEN %(first_key)s::bigint AND %(last_key)s::bigint
        AND sale.transaction_type = 'unbilled_sales'
        AND sale.reverses_id IS NULL
        AND sale.class <> 'retainer'
        AND reversed.actual_id IS NULL
    RETURNING
        item.contract_id,
        item.customer_id,
        item.project_id,
        item.transaction_date,
        operations.chargeable_amount(item.billing_type, item.amount, item.discount_amount, item.fee_amount) AS amount
),

part AS (
    SELECT
        contract_id,
        customer_id,
        project_id,
        transaction_date,
        count(*) AS item_count,
        sum(amount) AS amount
    FROM opened
    GROUP BY contract_id, customer_id, project_id, transaction_date
),

kept AS (
    INSERT INTO operations.backlog_sum (
        company, contract_id, customer_id, project_id, transaction_date, state, item_count, amount
    )
    SELECT
        %(company)s::text,
        contract_id,
        customer_id,
        project_id,
        transaction_date,
        'created',
        item_count,
        amount
    FROM part
)

SELECT count(*) AS item_count
FROM opened;
