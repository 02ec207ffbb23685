-- name: contracts_of_block
-- Contracts with limits that have new items among the keys.
SELECT DISTINCT item.contract_id
FROM operations.not_to_exceed_limit AS agreed
JOIN operations.backlog_item AS item
    ON item.company = %(company)s::text AND item.contract_id = agreed.contract_id
WHERE
    agreed.company = %(company)s::text
    AND item.actual_id BETWEEN %(first_key)s::bigint AND %(last_key)s::bigint
    AND item.not_to_exceed = 'not_evaluated'
ORDER BY item.contract_id;

-- name: lock_contracts
-- Two evaluations must not both give away what is left of one limit.
SELECT contract_id
FROM operations.contract
WHERE company = %(company)s::text AND contract_id = any(%(contract_ids)s::bigint[])
ORDER BY contract_id
FOR NO KEY UPDATE;

-- name: evaluate
-- One item after the other takes what is left of the limits it comes under, in the order chosen,
-- else by date and key. What comes under none takes nothing of any.
WITH agreed AS MATERIALIZED (
    SELECT
        one.contract_id,
        one.contract_line_id,
        one.customer_id,
        one.level,
        one.amount - coalesce(sum(used.committed_amount + used.invoiced_amount), 0) AS remaining,
        row_number() OVER (
            PARTITION BY one.contract_id ORDER BY one.level, one.contract_line_id, one.customer_id
        )::integer + 1 AS slot
    FROM operations.not_to_exceed_limit AS one
    LEFT JOIN operations.not_to_exceed_use AS used
        ON
            used.company = %(company)s::text
            AND used.contract_id = one.contract_id
            AND used.contract_line_id = coalesce(one.contract_line_id, used.contract_line_id)
            AND used.customer_id = coalesce(one.customer_id, used.customer_id)
            AND used.contract_id = any(%(contract_ids)s::bigint[])
    WHERE one.company = %(company)s::text AND one.contract_id = any(%(contract_ids)s::bigint[])
    GROUP BY one.contract_id, one.contract_line_id, one.customer_id, one.level, one.amount
),

contract_limits AS (
    SELECT
        contract_id,
        0::numeric || array_agg(remaining ORDER BY slot) AS limits
    FROM agreed
    GROUP BY contract_id
),

waiting AS (
    SELECT
        item.contract_id,
        item.actual_id,
        item.transaction_date,
        item.state,
        named.place,
        contract_limits.limits,
        item.amount - item.discount_amount + item.fee_amount AS amount,
        ARRAY[of_share.slot, of_line.slot, of_customer.slot, of_contract.slot] AS slots
    FROM operations.backlog_item AS item
    LEFT JOIN unnest(%(actual_ids)s::bigint[]) WITH ORDINALITY AS named (actual_id, place)
        ON named.actual_id = item.actual_id
    LEFT JOIN contract_limits ON contract_limits.contract_id = item.contract_id
    LEFT JOIN agreed AS of_share
        ON
            of_share.level = 'contract_line_customer'
            AND of_share.contract_line_id = item.contract_line_id
            AND of_share.customer_id = item.customer_id
    LEFT JOIN agreed AS of_line
        ON of_line.level = 'contract_line' AND of_line.contract_line_id = item.contract_line_id
    LEFT JOIN agreed AS of_customer
        ON
            of_customer.level = 'contract_customer'
            AND of_customer.contract_id = item.contract_id
            AND of_customer.customer_id = item.customer_id
    LEFT JOIN agreed AS of_contract
        ON of_contract.level = 'contract' AND of_contract.contract_id = item.contract_id
    WHERE
        item.company = %(company)s::text
        AND item.contract_id = any(%(contract_ids)s::bigint[])
        AND item.not_to_exceed = 'not_evaluated'
        AND (
            item.actual_id BETWEEN %(first_key)s::bigint AND %(last_key)s::bigint
            OR (
                %(first_key)s::bigint IS NULL
                AND (%(actual_ids)s::bigint[] IS NULL OR named.place IS NOT NULL)
                AND (%(project_id)s::bigint IS NULL OR item.project_id = %(project_id)s::bigint)
                AND (%(up_to)s::date IS NULL OR item.transaction_date <= %(up_to)s::date)
            )
        )
),

judged AS (
    SELECT
        contract_id,
        actual_id,
        state,
        num_nonnulls(slots[1], slots[2], slots[3], slots[4]) > 0 AS is_limited,
        (operations.take_of_limits(limits, amount, slots) OVER (
            PARTITION BY contract_id ORDER BY place, transaction_date, actual_id ROWS UNBOUNDED PRECEDING
        ))[1]::integer AS exceeded
    FROM waiting
),

verdict AS (
    SELECT
        contract_id,
        actual_id,
        state,
        CASE
            WHEN NOT is_limited THEN 'not_applicable' WHEN exceeded = 0 THEN 'committed' ELSE 'failed'
        END::operations.not_to_exceed_state AS not_to_exceed,
        CASE
            WHEN is_limited THEN (enum_range(NULL::operations.limit_level))[nullif(exceeded, 0)]
        END AS exceeds
    FROM judged
),

changed AS (
    UPDATE operations.backlog_item AS item
    SET
        not_to_exceed = verdict.not_to_exceed,
        exceeds = verdict.exceeds,
        state = CASE WHEN verdict.not_to_exceed = 'failed' THEN 'created' ELSE item.state END
    FROM verdict
    WHERE
        item.company = %(company)s::text
        AND item.contract_id = verdict.contract_id
        AND item.actual_id = verdict.actual_id
        AND item.state = verdict.state
    RETURNING
        item.contract_id,
        item.customer_id,
        item.project_id,
        item.transaction_date,
        item.not_to_exceed,
        item.state,
        verdict.state AS earlier_state,
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
    FROM changed
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

SELECT
    count(*) FILTER (WHERE not_to_exceed = 'committed') AS committed_count,
    count(*) FILTER (WHERE not_to_exceed = 'failed') AS failed_count,
    count(*) FILTER (WHERE not_to_exceed = 'not_applicable') AS not_applicable_count
FROM changed;

-- name: list_limits
-- Every limit with what has been taken of it; remaining is negative when a limit was lowered
-- afterwards.
SELECT
    contract.number AS contract,
    contract.currency,
    one.level::text AS level,
    line.line_number,
    customer.account AS customer,
    one.amount,
    coalesce(sum(used.committed_amount), 0) AS committed_amount,
    coalesce(sum(used.invoiced_amount), 0) AS invoiced_amount,
    one.amount - coalesce(sum(used.committed_amount + used.invoiced_amount), 0) AS remaining_amount
FROM operations.not_to_exceed_limit AS one
JOIN operations.contract
    ON contract.company = one.company AND contract.contract_id = one.contract_id
LEFT JOIN operations.contract_line AS line
    ON line.company = one.company AND line.contract_line_id = one.contract_line_id
LEFT JOIN operations.customer
    ON customer.company = one.company AND customer.customer_id = one.customer_id
LEFT JOIN operations.not_to_exceed_use AS used
    ON
        used.company = one.company
        AND used.contract_id = one.contract_id
        AND used.contract_line_id = coalesce(one.contract_line_id, used.contract_line_id)
        AND used.customer_id = coalesce(one.customer_id, used.customer_id)
WHERE
    one.company = %(company)s::text
    AND (%(contract_id)s::bigint IS NULL OR one.contract_id = %(contract_id)s::bigint)
GROUP BY contract.number, contract.currency, one.level, line.line_number, customer.account, one.amount
ORDER BY contract, level, line_number, customer;

-- name: contracts_of_drafts
SELECT DISTINCT proforma.contract_id
FROM operations.proforma
JOIN operations.not_to_exceed_limit AS agreed
    ON agreed.company = %(company)s::text AND agreed.contract_id = proforma.contract_id
WHERE proforma.company = %(company)s::text AND proforma.proforma_id = any(%(proforma_ids)s::bigint[])
ORDER BY proforma.contract_id;

-- name: drafts_over_limit
-- Drafts that would together invoice more than a limit, one row per draft and limit: quantities and
-- prices may have been raised since the work was committed, and work added by hand.
WITH draft AS (
    SELECT
        proforma.number,
        proforma.contract_id,
        proforma.customer_id,
        line.contract_line_id,
        line.chargeable_amount AS amount
    FROM operations.proforma
    JOIN operations.proforma_line AS line
        ON line.company = %(company)s::text AND line.proforma_id = proforma.proforma_id
    WHERE
        proforma.company = %(company)s::text
        AND proforma.proforma_id = any(%(proforma_ids)s::bigint[])
        AND proforma.state IN ('draft', 'in_review')
        AND line.billing_method = 'time_and_material'
),

asked AS (
    SELECT
        agreed.contract_id,
        agreed.contract_line_id,
        agreed.customer_id,
        agreed.level,
        agreed.amount AS limit_amount,
        draft.number,
        sum(draft.amount) AS amount,
        sum(sum(draft.amount)) OVER (
            PARTITION BY agreed.contract_id, agreed.level, agreed.contract_line_id, agreed.customer_id
        ) AS amount_of_all
    FROM operations.not_to_exceed_limit AS agreed
    JOIN draft
        ON
            draft.contract_id = agreed.contract_id
            AND draft.contract_line_id = coalesce(agreed.contract_line_id, draft.contract_line_id)
            AND draft.customer_id = coalesce(agreed.customer_id, draft.customer_id)
    WHERE agreed.company = %(company)s::text AND agreed.contract_id = any(%(contract_ids)s::bigint[])
    GROUP BY
        agreed.contract_id, agreed.contract_line_id, agreed.customer_id, agreed.level, agreed.amount, draft.number
)

SELECT
    asked.number,
    asked.level::text AS level,
    trim_scale(asked.limit_amount) AS limit_amount,
    trim_scale(coalesce(sum(used.invoiced_amount), 0) + asked.amount_of_all) AS invoiced_amount
FROM asked
LEFT JOIN operations.not_to_exceed_use AS used
    ON
        used.company = %(company)s::text
        AND used.contract_id = asked.contract_id
        AND used.contract_line_id = coalesce(asked.contract_line_id, used.contract_line_id)
        AND used.customer_id = coalesce(asked.customer_id, used.customer_id)
        AND used.contract_id = any(%(contract_ids)s::bigint[])
WHERE asked.amount > 0
GROUP BY
    asked.contract_id, asked.contract_line_id, asked.customer_id, asked.level, asked.limit_amount, asked.number,
    asked.amount_of_all
HAVING coalesce(sum(used.invoiced_amount), 0) + asked.amount_of_all > asked.limit_amount
ORDER BY asked.number, asked.level;
