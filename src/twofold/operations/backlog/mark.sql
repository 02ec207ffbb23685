-- name: lock_contracts
-- A creation must see an item as ready or not at all times of its run. Without a contract, all
-- contracts of the company are taken, in key order.
SELECT contract_id
FROM operations.contract
WHERE
    company = %(company)s::text
    AND (%(contract_id)s::bigint IS NULL OR contract_id = %(contract_id)s::bigint)
ORDER BY contract_id
FOR NO KEY UPDATE;

-- name: mark_items
-- Without keys: items of the selection that are in the other of the two states. With keys: exactly
-- those, whatever their state, so that each one gets its answer.
WITH named AS (
    SELECT DISTINCT key
    FROM unnest(%(keys)s::bigint[]) AS key
),

candidate AS (
    SELECT
        item.contract_id,
        item.actual_id,
        item.customer_id,
        item.project_id,
        item.state,
        item.not_to_exceed,
        item.proforma_id
    FROM operations.backlog_item AS item
    WHERE
        item.company = %(company)s::text
        AND (%(contract_id)s::bigint IS NULL OR item.contract_id = %(contract_id)s::bigint)
        AND (%(customer_id)s::bigint IS NULL OR item.customer_id = %(customer_id)s::bigint)
        AND (%(project_id)s::bigint IS NULL OR item.project_id = %(project_id)s::bigint)
        AND (%(up_to)s::date IS NULL OR item.transaction_date <= %(up_to)s::date)
        AND CASE
            WHEN %(keys)s::bigint[] IS NULL THEN item.state = %(from_state)s::operations.backlog_state
            ELSE item.actual_id IN (SELECT named.key FROM named)
        END
),

faced AS (
    -- First reason wins.
    SELECT
        candidate.contract_id,
        candidate.actual_id,
        candidate.not_to_exceed,
        project.number AS project_number,
        proforma.number AS proforma_number,
        CASE
            WHEN candidate.state = 'on_proforma' THEN 'ERR-B06'
            WHEN candidate.state = 'in_process' THEN 'ERR-B50'
            WHEN candidate.state = %(to_state)s::operations.backlog_state THEN 'already'
            WHEN candidate.state = 'ready' THEN 'changed'
            WHEN candidate.customer_id IS NULL THEN 'ERR-B04'
            WHEN candidate.not_to_exceed NOT IN ('committed', 'not_applicable') THEN 'ERR-B03'
            WHEN project.state <> 'in_process' THEN 'ERR-B21'
            ELSE 'changed'
        END AS verdict
    FROM candidate
    LEFT JOIN operations.project
        ON project.company = %(company)s::text AND project.project_id = candidate.project_id
    LEFT JOIN operations.proforma
        ON proforma.company = %(company)s::text AND proforma.proforma_id = candidate.proforma_id
),

judged AS (
    -- Whether an item changes is kept as such: the planner takes it for even, and joins many by whole keys.
    SELECT
        faced.*,
        faced.verdict = 'changed' AS is_changed
    FROM faced
),

changed AS (
    UPDATE operations.backlog_item AS item
    SET state = %(to_state)s::operations.backlog_state
    FROM judged
    WHERE
        item.company = %(company)s::text
        AND item.contract_id = judged.contract_id
        AND item.actual_id = judged.actual_id
        AND judged.is_changed
        AND item.state = %(from_state)s::operations.backlog_state
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
    FROM changed
    GROUP BY contract_id, customer_id, project_id, transaction_date
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
        (
            VALUES
            (%(from_state)s::operations.backlog_state, -1),
            (%(to_state)s::operations.backlog_state, 1)
        ) AS moved (state, sign)
)

SELECT
    'changed' AS verdict,
    NULL::bigint AS key,
    NULL AS field,
    NULL AS value,
    count(*) AS row_count
FROM changed
UNION ALL
SELECT
    'already',
    NULL,
    NULL,
    NULL,
    count(*)
FROM judged
WHERE verdict = 'already'
UNION ALL
SELECT
    verdict,
    actual_id,
    CASE verdict WHEN 'ERR-B06' THEN 'proforma' WHEN 'ERR-B03' THEN 'not_to_exceed' WHEN 'ERR-B21' THEN 'project' END,
    CASE verdict
        WHEN 'ERR-B06' THEN proforma_number WHEN 'ERR-B03' THEN not_to_exceed::text
        WHEN 'ERR-B21' THEN project_number
    END,
    1
FROM judged
WHERE verdict LIKE 'ERR-%%'
UNION ALL
SELECT
    'ERR-B22',
    named.key,
    NULL,
    NULL,
    1
FROM named
WHERE named.key NOT IN (SELECT candidate.actual_id FROM candidate)
ORDER BY verdict, key;

-- name: mark_milestones
-- Milestones are few: one statement marks both ways. A posted milestone has left the backlog.
WITH named AS (
    SELECT DISTINCT key
    FROM unnest(%(keys)s::bigint[]) AS key
),

candidate AS (
    SELECT
        milestone.milestone_id,
        project.number AS project_number,
        proforma.number AS proforma_number,
        CASE
            WHEN milestone.state = 'on_proforma' THEN 'ERR-B06'
            WHEN milestone.state = %(state)s::operations.milestone_state THEN 'already'
            WHEN %(state)s::text = 'ready' AND project.state <> 'in_process' THEN 'ERR-B21'
            WHEN %(state)s::text = 'ready' AND agreed.schedule_type = 'progress' THEN 'ERR-B43'
            ELSE 'changed'
        END AS verdict
    FROM operations.milestone
    JOIN operations.contract_line AS agreed
        ON agreed.company = %(company)s::text AND agreed.contract_line_id = milestone.contract_line_id
    JOIN operations.project
        ON project.company = %(company)s::text AND project.project_id = milestone.project_id
    LEFT JOIN operations.proforma
        ON proforma.company = %(company)s::text AND proforma.proforma_id = milestone.proforma_id
    WHERE
        milestone.company = %(company)s::text
        AND milestone.state <> 'posted'
        AND (%(contract_id)s::bigint IS NULL OR milestone.contract_id = %(contract_id)s::bigint)
        AND (%(customer_id)s::bigint IS NULL OR milestone.customer_id = %(customer_id)s::bigint)
        AND (%(project_id)s::bigint IS NULL OR milestone.project_id = %(project_id)s::bigint)
        AND (%(up_to)s::date IS NULL OR milestone.milestone_date <= %(up_to)s::date)
        AND CASE
            WHEN %(keys)s::bigint[] IS NULL
                THEN
                    milestone.state IN ('not_ready', 'ready')
                    AND milestone.state <> %(state)s::operations.milestone_state
                    -- What of it is next is said part by part.
                    AND (agreed.schedule_type <> 'progress' OR %(state)s::text = 'not_ready')
            ELSE milestone.milestone_id IN (SELECT named.key FROM named)
        END
),

changed AS (
    UPDATE operations.milestone
    SET state = %(state)s::operations.milestone_state
    FROM candidate
    WHERE
        milestone.company = %(company)s::text
        AND milestone.milestone_id = candidate.milestone_id
        AND candidate.verdict = 'changed'
        AND milestone.state IN ('not_ready', 'ready')
    RETURNING milestone.milestone_id
)

SELECT
    'changed' AS verdict,
    NULL::bigint AS key,
    NULL AS field,
    NULL AS value,
    count(*) AS row_count
FROM changed
UNION ALL
SELECT
    'already',
    NULL,
    NULL,
    NULL,
    count(*)
FROM candidate
WHERE verdict = 'already'
UNION ALL
SELECT
    verdict,
    milestone_id,
    CASE verdict WHEN 'ERR-B06' THEN 'proforma' WHEN 'ERR-B21' THEN 'project' END,
    CASE verdict WHEN 'ERR-B06' THEN proforma_number WHEN 'ERR-B21' THEN project_number END,
    1
FROM candidate
WHERE verdict LIKE 'ERR-%%'
UNION ALL
SELECT
    'ERR-B22',
    named.key,
    NULL,
    NULL,
    1
FROM named
WHERE named.key NOT IN (SELECT candidate.milestone_id FROM candidate)
ORDER BY verdict, key;

-- name: mark_retainers
-- As milestones. An invoiced retainer has left the backlog.
WITH named AS (
    SELECT DISTINCT key
    FROM unnest(%(keys)s::bigint[]) AS key
),

candidate AS (
    SELECT
        retainer.retainer_id,
        proforma.number AS proforma_number,
        CASE
            WHEN retainer.state = 'on_proforma' THEN 'ERR-B06'
            WHEN retainer.state = %(state)s::operations.retainer_state THEN 'already'
            ELSE 'changed'
        END AS verdict
    FROM operations.retainer
    LEFT JOIN operations.proforma
        ON proforma.company = %(company)s::text AND proforma.proforma_id = retainer.proforma_id
    WHERE
        retainer.company = %(company)s::text
        AND retainer.state <> 'posted'
        AND (%(contract_id)s::bigint IS NULL OR retainer.contract_id = %(contract_id)s::bigint)
        AND (%(customer_id)s::bigint IS NULL OR retainer.customer_id = %(customer_id)s::bigint)
        AND %(project_id)s::bigint IS NULL
        AND (%(up_to)s::date IS NULL OR retainer.invoice_date <= %(up_to)s::date)
        AND CASE
            WHEN %(keys)s::bigint[] IS NULL
                THEN
                    retainer.state IN ('not_ready', 'ready')
                    AND retainer.state <> %(state)s::operations.retainer_state
            ELSE retainer.retainer_id IN (SELECT named.key FROM named)
        END
),

changed AS (
    UPDATE operations.retainer
    SET state = %(state)s::operations.retainer_state
    FROM candidate
    WHERE
        retainer.company = %(company)s::text
        AND retainer.retainer_id = candidate.retainer_id
        AND candidate.verdict = 'changed'
        AND retainer.state IN ('not_ready', 'ready')
    RETURNING retainer.retainer_id
)

SELECT
    'changed' AS verdict,
    NULL::bigint AS key,
    NULL AS field,
    NULL AS value,
    count(*) AS row_count
FROM changed
UNION ALL
SELECT
    'already',
    NULL,
    NULL,
    NULL,
    count(*)
FROM candidate
WHERE verdict = 'already'
UNION ALL
SELECT
    verdict,
    retainer_id,
    'proforma',
    proforma_number,
    1
FROM candidate
WHERE verdict LIKE 'ERR-%%'
UNION ALL
SELECT
    'ERR-B22',
    named.key,
    NULL,
    NULL,
    1
FROM named
WHERE named.key NOT IN (SELECT candidate.retainer_id FROM candidate)
ORDER BY verdict, key;
