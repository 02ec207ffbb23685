-- name: claim
-- Only for open projects: a completed one bills nothing more. A retainer waits for no project; one
-- that is used on the draft already is not refunded on it as well.
WITH claimed_item AS (
    UPDATE operations.backlog_item AS item
    SET state = 'on_proforma', proforma_id = %(proforma_id)s::bigint
    FROM operations.project
    WHERE
        item.company = %(company)s::text
        AND item.contract_id = %(contract_id)s::bigint
        AND item.customer_id = %(customer_id)s::bigint
        AND item.state = 'ready'
        AND item.transaction_date <= %(cutoff)s::date
        AND (%(actual_ids)s::bigint[] IS NULL OR item.actual_id = any(%(actual_ids)s::bigint[]))
        AND project.company = %(company)s::text
        AND project.project_id = item.project_id
        AND project.state = 'in_process'
    RETURNING
        item.contract_id,
        item.contract_line_id,
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
    FROM claimed_item
    GROUP BY contract_id, customer_id, project_id, transaction_date
),

kept_sum AS (
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
    CROSS JOIN (VALUES ('ready'::operations.backlog_state, -1), ('on_proforma', 1)) AS moved (state, sign)
),

claimed_milestone AS (
    UPDATE operations.milestone
    SET state = 'on_proforma', proforma_id = %(proforma_id)s::bigint
    FROM operations.project
    WHERE
        milestone.company = %(company)s::text
        AND milestone.contract_id = %(contract_id)s::bigint
        AND milestone.customer_id = %(customer_id)s::bigint
        AND milestone.state = 'ready'
        AND milestone.milestone_date <= %(cutoff)s::date
        AND (%(milestone_ids)s::bigint[] IS NULL OR milestone.milestone_id = any(%(milestone_ids)s::bigint[]))
        AND project.company = %(company)s::text
        AND project.project_id = milestone.project_id
        AND project.state = 'in_process'
    RETURNING milestone.contract_line_id
),

claimed_retainer AS (
    UPDATE operations.retainer
    SET
        state = CASE retainer.state WHEN 'ready' THEN 'on_proforma' ELSE retainer.state END,
        refund_state = CASE retainer.refund_state WHEN 'ready' THEN 'on_proforma' ELSE retainer.refund_state END,
        proforma_id = %(proforma_id)s::bigint
    WHERE
        retainer.company = %(company)s::text
        AND retainer.contract_id = %(contract_id)s::bigint
        AND retainer.customer_id = %(customer_id)s::bigint
        AND (
            retainer.state = 'ready' AND retainer.invoice_date <= %(cutoff)s::date
            OR retainer.refund_state = 'ready'
        )
        AND %(actual_ids)s::bigint[] IS NULL
        AND NOT EXISTS (
            SELECT FROM operations.proforma_detail AS detail
            WHERE
                detail.company = %(company)s::text
                AND detail.proforma_id = %(proforma_id)s::bigint
                AND detail.retainer_id = retainer.retainer_id
        )
    RETURNING NULL::bigint AS contract_line_id
),

claimed AS (
    SELECT contract_line_id FROM claimed_item
    UNION ALL
    SELECT contract_line_id FROM claimed_milestone
    UNION ALL
    SELECT contract_line_id FROM claimed_retainer
)

SELECT
    (SELECT count(*) FROM claimed) AS detail_count,
    (
        SELECT count(*)
        FROM operations.contract_line AS agreed
        WHERE
            agreed.company = %(company)s::text
            AND agreed.contract_id = %(contract_id)s::bigint
            AND NOT EXISTS (
                SELECT FROM operations.proforma_line AS line
                WHERE
                    line.company = %(company)s::text
                    AND line.proforma_id = %(proforma_id)s::bigint
                    AND line.contract_line_id = agreed.contract_line_id
            )
    ) AS missing_line_count;

-- name: open_lines
-- Contract lines that were agreed after the draft was created; nothing was billed on them before.
INSERT INTO operations.proforma_line (
    company, proforma_line_id, proforma_id, contract_line_id, name, billing_method, project_id,
    invoiced_till_date_amount, chargeable_amount, non_chargeable_amount, complimentary_amount, tax_amount
)
SELECT
    %(company)s::text,
    %(first_line_id)s::bigint + row_number() OVER (ORDER BY agreed.line_number) - 1,
    %(proforma_id)s::bigint,
    agreed.contract_line_id,
    agreed.name,
    agreed.billing_method,
    agreed.project_id,
    0,
    0,
    0,
    0,
    0
FROM operations.contract_line AS agreed
WHERE
    agreed.company = %(company)s::text
    AND agreed.contract_id = %(contract_id)s::bigint
    AND NOT EXISTS (
        SELECT FROM operations.proforma_line AS line
        WHERE
            line.company = %(company)s::text
            AND line.proforma_id = %(proforma_id)s::bigint
            AND line.contract_line_id = agreed.contract_line_id
    );

-- name: open_details
-- What is marked as on the draft and has no detail yet.
WITH claimed AS (
    SELECT
        item.contract_line_id,
        item.actual_id,
        NULL::bigint AS milestone_id,
        NULL::bigint AS retainer_id,
        NULL::operations.retainer_use AS retainer_use,
        item.class,
        item.billing_type,
        item.transaction_date,
        item.quantity,
        sale.price,
        item.amount,
        sale.discount_percent,
        sale.fee_percent,
        item.discount_amount,
        item.fee_amount,
        0 AS tax_amount,
        sale.unit,
        sale.description
    FROM operations.backlog_item AS item
    JOIN operations.actual AS sale
        ON sale.company = %(company)s::text AND sale.actual_id = item.actual_id
    WHERE
        item.company = %(company)s::text
        AND item.contract_id = %(contract_id)s::bigint
        AND item.proforma_id = %(proforma_id)s::bigint
        AND NOT EXISTS (
            SELECT FROM operations.proforma_detail AS detail
            WHERE
                detail.company = %(company)s::text
                AND detail.proforma_id = %(proforma_id)s::bigint
                AND detail.actual_id = item.actual_id
        )
    UNION ALL
    SELECT
        milestone.contract_line_id,
        NULL,
        milestone.milestone_id,
        NULL,
        NULL,
        'milestone',
        'chargeable',
        milestone.milestone_date,
        1,
        milestone.amount AS price,
        milestone.amount,
        0,
        0,
        0,
        0,
        milestone.tax_amount,
        'each',
        milestone.name
    FROM operations.milestone
    WHERE
        milestone.company = %(company)s::text
        AND milestone.contract_id = %(contract_id)s::bigint
        AND milestone.proforma_id = %(proforma_id)s::bigint
        AND milestone.state = 'on_proforma'
        AND NOT EXISTS (
            SELECT FROM operations.proforma_detail AS detail
            WHERE
                detail.company = %(company)s::text
                AND detail.proforma_id = %(proforma_id)s::bigint
                AND detail.milestone_id = milestone.milestone_id
        )
    UNION ALL
    SELECT
        NULL,
        NULL,
        NULL,
        retainer.retainer_id,
        retainer.retainer_use,
        'retainer',
        'chargeable',
        CASE retainer.retainer_use WHEN 'refunded' THEN %(cutoff)s::date ELSE retainer.invoice_date END,
        1,
        retainer.amount AS price,
        retainer.amount,
        0,
        0,
        0,
        0,
        0,
        'each',
        retainer.description
    FROM operations.retainer_item AS retainer
    WHERE
        retainer.company = %(company)s::text
        AND retainer.contract_id = %(contract_id)s::bigint
        AND retainer.proforma_id = %(proforma_id)s::bigint
        AND NOT EXISTS (
            SELECT FROM operations.proforma_detail AS detail
            WHERE
                detail.company = %(company)s::text
                AND detail.proforma_id = %(proforma_id)s::bigint
                AND detail.retainer_id = retainer.retainer_id
        )
)

INSERT INTO operations.proforma_detail (
    company, proforma_id, proforma_detail_id, proforma_line_id, contract_line_id, actual_id, milestone_id,
    retainer_id,
    retainer_use,
    class,
    billing_type,
    transaction_date,
    quantity,
    price,
    amount,
    discount_percent,
    fee_percent,
    discount_amount,
    fee_amount,
    tax_amount,
    unit,
    description
)
SELECT
    %(company)s::text,
    %(proforma_id)s::bigint,
    %(first_detail_id)s::bigint + row_number() OVER (
        ORDER BY claimed.transaction_date, claimed.actual_id, claimed.milestone_id, claimed.retainer_id
    ) - 1,
    line.proforma_line_id,
    claimed.contract_line_id,
    claimed.actual_id,
    claimed.milestone_id,
    claimed.retainer_id,
    claimed.retainer_use,
    claimed.class,
    claimed.billing_type,
    claimed.transaction_date,
    claimed.quantity,
    claimed.price,
    claimed.amount,
    claimed.discount_percent,
    claimed.fee_percent,
    claimed.discount_amount,
    claimed.fee_amount,
    claimed.tax_amount,
    claimed.unit,
    claimed.description
FROM claimed
LEFT JOIN operations.proforma_line AS line
    ON
        line.company = %(company)s::text
        AND line.proforma_id = %(proforma_id)s::bigint
        AND line.contract_line_id = claimed.contract_line_id;
