-- name: ledger
SELECT accounting_currency
FROM operations.company
WHERE company = %(company)s::text;

-- name: lock_proformas
-- One confirmation of a proforma at a time: the other waits here, and then finds it confirmed.
-- The header's lock also stands for its details, items and milestones: whoever changes what is
-- on a draft takes it first.
SELECT proforma_id
FROM operations.proforma
WHERE company = %(company)s::text AND proforma_id = any(%(proforma_ids)s::bigint[])
ORDER BY proforma_id
FOR UPDATE;

-- name: headers
SELECT
    proforma.proforma_id,
    proforma.number,
    proforma.state::text AS state,
    proforma.accounting_date,
    proforma.currency,
    contract.number AS contract_number,
    contract.state::text AS contract_state,
    contract.currency AS contract_currency,
    detail.detail_count,
    detail.sale_count
FROM operations.proforma
JOIN operations.contract
    ON contract.company = %(company)s::text AND contract.contract_id = proforma.contract_id
CROSS JOIN
    LATERAL (
        SELECT
            count(*) AS detail_count,
            count(one.actual_id) AS sale_count
        FROM operations.proforma_detail AS one
        WHERE one.company = %(company)s::text AND one.proforma_id = proforma.proforma_id
    ) AS detail
WHERE
    proforma.company = %(company)s::text
    AND proforma.proforma_id = any(%(proforma_ids)s::bigint[])
ORDER BY proforma.proforma_id;

-- name: problems
-- Details of open proformas that what backs them no longer agrees with, one row per reason.
WITH detail AS (
    SELECT
        proforma.number,
        proforma.contract_id,
        proforma.customer_id,
        proforma.currency,
        one.proforma_id,
        one.proforma_detail_id,
        one.actual_id,
        one.milestone_id,
        one.class,
        one.billing_type,
        one.transaction_date,
        one.quantity,
        one.price,
        one.amount
    FROM operations.proforma
    JOIN operations.proforma_detail AS one
        ON one.company = %(company)s::text AND one.proforma_id = proforma.proforma_id
    WHERE
        proforma.company = %(company)s::text
        AND proforma.proforma_id = any(%(proforma_ids)s::bigint[])
        AND proforma.state IN ('draft', 'in_review')
),

faced AS (
    SELECT
        detail.number,
        detail.proforma_detail_id,
        project.number AS project_number,
        -- A manual detail is backed by neither, and is not billed yet.
        CASE
            WHEN detail.actual_id IS NOT NULL
                THEN coalesce(
                    item.proforma_id = detail.proforma_id
                    AND item.customer_id = detail.customer_id
                    AND item.billing_type = detail.billing_type
                    AND item.transaction_date = detail.transaction_date
                    AND item.quantity = detail.quantity
                    AND item.amount = detail.amount
                    AND sale.transaction_type = 'unbilled_sales'
                    AND sale.quantity = detail.quantity
                    AND sale.price = detail.price
                    AND sale.amount = detail.amount,
                    false
                )
            ELSE coalesce(
                milestone.proforma_id = detail.proforma_id
                AND milestone.state = 'on_proforma'
                AND milestone.contract_id = detail.contract_id
                AND milestone.customer_id = detail.customer_id
                AND milestone.milestone_date = detail.transaction_date
                AND milestone.amount = detail.amount,
                false
            )
        END AS is_backed,
        item.not_to_exceed IN ('not_evaluated', 'failed') AS is_unlimited,
        detail.class <> coalesce(sale.class, 'milestone') AS has_other_class,
        detail.currency <> coalesce(sale.currency, milestone.currency) AS has_other_currency,
        project.state <> 'in_process' AS is_completed
    FROM detail
    LEFT JOIN operations.backlog_item AS item
        ON
            item.company = %(company)s::text
            AND item.contract_id = detail.contract_id
            AND item.actual_id = detail.actual_id
    LEFT JOIN operations.actual AS sale
        ON sale.company = %(company)s::text AND sale.actual_id = detail.actual_id
    LEFT JOIN operations.milestone
        ON milestone.company = %(company)s::text AND milestone.milestone_id = detail.milestone_id
    LEFT JOIN operations.project
        ON
            project.company = %(company)s::text
            AND project.project_id = coalesce(sale.project_id, milestone.project_id)
),

wrong AS (
    SELECT *
    FROM faced
    WHERE NOT is_backed OR is_unlimited OR has_other_class OR has_other_currency OR is_completed
)

SELECT DISTINCT
    reason.code,
    wrong.number,
    reason.field,
    reason.value
FROM wrong
CROSS JOIN
    LATERAL (
        VALUES
        ('ERR-B11', 'detail', wrong.proforma_detail_id::text, NOT wrong.is_backed),
        ('ERR-B03', 'detail', wrong.proforma_detail_id::text, wrong.is_unlimited),
        ('ERR-B12', 'detail', wrong.proforma_detail_id::text, wrong.has_other_class),
        ('ERR-B15', 'detail', wrong.proforma_detail_id::text, wrong.has_other_currency),
        ('ERR-B21', 'project', wrong.project_number, wrong.is_completed)
    ) AS reason (code, field, value, is_given)
WHERE reason.is_given
ORDER BY wrong.number, reason.code, reason.field, reason.value;

-- name: bill
-- One billed sale per detail, numbered in the order of the details.
INSERT INTO operations.actual (
    company, actual_id, transaction_type, class, billing_type, event, transaction_date, accounting_date,
    quantity, price, amount, currency, unit, project_id, task_id, resource_id, role_id, category_id,
    contract_id, contract_line_id, customer_id, source_id, entry_id, milestone_id,
    proforma_id, proforma_detail_id, skip_sync, change_set_id, description
)
SELECT
    %(company)s::text,
    confirmed.first_actual_id
    + row_number() OVER (PARTITION BY detail.proforma_id ORDER BY detail.proforma_detail_id) - 1,
    'billed_sales',
    detail.class,
    detail.billing_type,
    'invoicing',
    detail.transaction_date,
    coalesce(proforma.accounting_date, %(confirmed_on)s::date),
    detail.quantity,
    detail.price,
    detail.amount,
    proforma.currency,
    detail.unit,
    coalesce(sale.project_id, milestone.project_id),
    sale.task_id,
    sale.resource_id,
    sale.role_id,
    sale.category_id,
    proforma.contract_id,
    detail.contract_line_id,
    proforma.customer_id,
    detail.actual_id,
    sale.entry_id,
    detail.milestone_id,
    detail.proforma_id,
    detail.proforma_detail_id,
    false,
    confirmed.set_id,
    detail.description
FROM
    unnest(
        %(proforma_ids)s::bigint[], %(set_ids)s::bigint[], %(first_actual_ids)s::bigint[]
    ) AS confirmed (proforma_id, set_id, first_actual_id)
JOIN operations.proforma
    ON proforma.company = %(company)s::text AND proforma.proforma_id = confirmed.proforma_id
JOIN operations.proforma_detail AS detail
    ON detail.company = %(company)s::text AND detail.proforma_id = confirmed.proforma_id
LEFT JOIN operations.actual AS sale
    ON sale.company = %(company)s::text AND sale.actual_id = detail.actual_id
LEFT JOIN operations.milestone
    ON milestone.company = %(company)s::text AND milestone.milestone_id = detail.milestone_id
-- Said once more for the planner, so that it never starts from other proformas.
WHERE
    proforma.proforma_id = any(%(proforma_ids)s::bigint[])
    AND detail.proforma_id = any(%(proforma_ids)s::bigint[]);

-- name: reverse
-- Each sale billed is reversed, all its attributes kept. Finance marks the sale as invoiced by
-- itself, so this reversal, and no other row, stays here.
INSERT INTO operations.actual (
    company, actual_id, transaction_type, class, billing_type, event, transaction_date, accounting_date,
    quantity, price, amount, currency, unit, project_id, task_id, resource_id, role_id, category_id,
    contract_id, contract_line_id, customer_id, reverses_id, source_id, entry_id, milestone_id,
    proforma_id, proforma_detail_id, skip_sync, change_set_id, description
)
SELECT
    %(company)s::text,
    confirmed.first_actual_id
    + row_number() OVER (PARTITION BY detail.proforma_id ORDER BY detail.proforma_detail_id) - 1,
    sale.transaction_type,
    sale.class,
    sale.billing_type,
    'invoicing',
    sale.transaction_date,
    sale.accounting_date,
    -sale.quantity,
    sale.price,
    -sale.amount,
    sale.currency,
    sale.unit,
    sale.project_id,
    sale.task_id,
    sale.resource_id,
    sale.role_id,
    sale.category_id,
    sale.contract_id,
    sale.contract_line_id,
    sale.customer_id,
    sale.actual_id,
    sale.source_id,
    sale.entry_id,
    sale.milestone_id,
    detail.proforma_id,
    detail.proforma_detail_id,
    true,
    confirmed.set_id,
    sale.description
FROM
    unnest(
        %(proforma_ids)s::bigint[], %(set_ids)s::bigint[], %(first_actual_ids)s::bigint[]
    ) AS confirmed (proforma_id, set_id, first_actual_id)
JOIN operations.proforma_detail AS detail
    ON detail.company = %(company)s::text AND detail.proforma_id = confirmed.proforma_id
JOIN operations.actual AS sale
    ON sale.company = %(company)s::text AND sale.actual_id = detail.actual_id
WHERE detail.proforma_id = any(%(proforma_ids)s::bigint[]);

-- name: close_items
DELETE FROM operations.backlog_item AS item
USING operations.proforma, operations.proforma_detail AS detail
WHERE
    proforma.company = %(company)s::text
    AND proforma.proforma_id = any(%(proforma_ids)s::bigint[])
    AND detail.company = %(company)s::text
    AND detail.proforma_id = proforma.proforma_id
    AND detail.proforma_id = any(%(proforma_ids)s::bigint[])
    AND item.company = %(company)s::text
    AND item.contract_id = proforma.contract_id
    AND item.actual_id = detail.actual_id;

-- name: close_milestones
UPDATE operations.milestone
SET state = 'posted'
FROM operations.proforma_detail AS detail
WHERE
    detail.company = %(company)s::text
    AND detail.proforma_id = any(%(proforma_ids)s::bigint[])
    AND detail.milestone_id IS NOT NULL
    AND milestone.company = %(company)s::text
    AND milestone.milestone_id = detail.milestone_id;

-- name: confirm_headers
-- The count and the hash tell finance what it must have before it makes invoice lines. All is
-- read off the bills in one pass over their keys, so that no plan can pair up keys and blocks.
WITH confirmed AS (
    SELECT
        bill.proforma_id,
        min(bill.change_set_id) AS set_id,
        min(bill.actual_id) AS first_actual_id,
        max(bill.actual_id) AS last_actual_id,
        count(*) FILTER (WHERE bill.billing_type = 'chargeable') AS billable_count,
        coalesce(
            sum(hashtextextended(bill.actual_id::text, 0)::numeric) FILTER (WHERE bill.billing_type = 'chargeable'), 0
        ) AS billable_hash
    FROM operations.actual AS bill
    WHERE
        bill.company = %(company)s::text
        AND bill.actual_id BETWEEN %(first_key)s::bigint AND %(last_key)s::bigint
        AND bill.transaction_type = 'billed_sales'
    GROUP BY bill.proforma_id
),

changed AS (
    UPDATE operations.proforma
    SET
        state = 'confirmed',
        accounting_date = coalesce(proforma.accounting_date, %(confirmed_on)s::date),
        confirmed_by = %(actor)s::text,
        confirmed_at = %(at)s::timestamptz,
        change_set_id = confirmed.set_id,
        first_actual_id = confirmed.first_actual_id,
        last_actual_id = confirmed.last_actual_id,
        billable_count = confirmed.billable_count,
        billable_hash = confirmed.billable_hash
    FROM confirmed
    WHERE
        proforma.company = %(company)s::text
        AND proforma.proforma_id = confirmed.proforma_id
        AND proforma.proforma_id = any(%(proforma_ids)s::bigint[])
    RETURNING proforma.*
)

SELECT
    proforma_id,
    number,
    accounting_date,
    currency,
    detail_amount,
    tax_amount,
    total_amount,
    billable_count,
    change_set_id,
    last_actual_id - first_actual_id + 1 AS billed_count
FROM changed
ORDER BY proforma_id;
