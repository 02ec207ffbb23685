-- name: find_project
SELECT project_id
FROM operations.project
WHERE company = %(company)s::text AND number = %(project_number)s::text;

-- name: count_waiting
SELECT count(*) AS entry_count
FROM operations.approval
JOIN operations.entry
    ON entry.company = %(company)s::text AND entry.entry_id = approval.entry_id
WHERE
    approval.company = %(company)s::text
    AND (%(entry_ids)s::bigint[] IS NULL OR approval.entry_id = any(%(entry_ids)s::bigint[]))
    AND (%(project_id)s::bigint IS NULL OR entry.project_id = %(project_id)s::bigint)
    AND (%(up_to)s::date IS NULL OR entry.transaction_date <= %(up_to)s::date);

-- name: approve_entries
-- Approve no more entries than keys were taken for; one submitted meanwhile waits. Each entry
-- gets as many keys in a row as it has actuals: its cost, what is billed, and the rest of what
-- was submitted. The lock keeps a recall or a change of an approval out until we are done.
WITH candidates AS (
    SELECT
        approval.entry_id,
        approval.billable_quantity,
        approval.billing_type,
        entry.class,
        entry.quantity
    FROM operations.approval
    JOIN operations.entry
        ON entry.company = %(company)s::text AND entry.entry_id = approval.entry_id
    WHERE
        approval.company = %(company)s::text
        AND (%(entry_ids)s::bigint[] IS NULL OR approval.entry_id = any(%(entry_ids)s::bigint[]))
        AND (%(project_id)s::bigint IS NULL OR entry.project_id = %(project_id)s::bigint)
        AND (%(up_to)s::date IS NULL OR entry.transaction_date <= %(up_to)s::date)
    ORDER BY approval.entry_id
    LIMIT %(entry_count)s::bigint
    FOR UPDATE OF approval
),

counted AS (
    SELECT
        candidates.entry_id,
        CASE candidates.class WHEN 'fee' THEN 0 ELSE 1 END
        + CASE
            WHEN sales.entry_id IS NULL THEN 0
            WHEN
                candidates.billing_type = 'chargeable'
                AND candidates.billable_quantity > 0
                AND candidates.billable_quantity < candidates.quantity
                THEN 2
            ELSE 1
        END AS actual_count
    FROM candidates
    LEFT JOIN operations.journal_line AS sales
        ON
            sales.company = %(company)s::text
            AND sales.entry_id = candidates.entry_id
            AND sales.transaction_type = 'unbilled_sales'
),

numbered AS (
    SELECT
        entry_id,
        actual_count,
        sum(actual_count) OVER (ORDER BY entry_id ROWS UNBOUNDED PRECEDING)::bigint AS counted_to
    FROM counted
),

approved AS (
    UPDATE operations.entry
    SET
        state = 'approved',
        first_actual_id = %(first_key)s::bigint + numbered.counted_to - numbered.actual_count,
        last_actual_id = %(first_key)s::bigint + numbered.counted_to - 1
    FROM numbered
    WHERE entry.company = %(company)s::text AND entry.entry_id = numbered.entry_id
    RETURNING entry.last_actual_id
)

SELECT
    count(*) AS entry_count,
    max(last_actual_id) AS last_key
FROM approved;

-- name: write_actuals
-- The cost has the first key of its entry. Of a chargeable sale the billable quantity is
-- billed, more or less than was submitted, and what is left of the submitted quantity is not;
-- any other sale is taken whole. The last key is the rest's, if there is one.
INSERT INTO operations.actual (
    company, actual_id, transaction_type, class, billing_type, event, transaction_date, accounting_date, quantity,
    price, amount, currency, unit, project_id, task_id, resource_id, role_id, category_id, contract_id,
    contract_line_id, customer_id, source_id, entry_id, skip_sync, change_set_id, description
)
SELECT
    entry.company,
    share.actual_id,
    line.transaction_type,
    entry.class,
    share.billing_type,
    %(event)s::operations.actual_event,
    entry.transaction_date,
    entry.transaction_date AS accounting_date,
    share.quantity,
    line.price,
    round(share.quantity * line.price, currency.precision),
    line.currency,
    entry.unit,
    entry.project_id,
    entry.task_id,
    entry.resource_id,
    entry.role_id,
    entry.category_id,
    line.contract_id,
    line.contract_line_id,
    CASE line.transaction_type WHEN 'unbilled_sales' THEN line.customer_id END,
    CASE WHEN line.transaction_type = 'unbilled_sales' AND entry.class <> 'fee' THEN entry.first_actual_id END,
    entry.entry_id,
    false,
    %(set_id)s::bigint,
    entry.description
FROM operations.approval
JOIN operations.entry
    ON
        entry.company = %(company)s::text
        AND entry.entry_id = approval.entry_id
        AND entry.first_actual_id BETWEEN %(first_key)s::bigint AND %(last_key)s::bigint
JOIN operations.journal_line AS line
    ON line.company = %(company)s::text AND line.entry_id = approval.entry_id
JOIN operations.currency ON currency.currency = line.currency
CROSS JOIN
    LATERAL (
        VALUES
        (entry.first_actual_id, approval.billing_type, line.quantity, line.transaction_type = 'cost'),
        (
            entry.first_actual_id + CASE entry.class WHEN 'fee' THEN 0 ELSE 1 END,
            approval.billing_type,
            CASE approval.billing_type WHEN 'chargeable' THEN approval.billable_quantity ELSE line.quantity END,
            line.transaction_type = 'unbilled_sales'
            AND (approval.billing_type <> 'chargeable' OR approval.billable_quantity > 0)
        ),
        (
            entry.last_actual_id,
            'non_chargeable',
            line.quantity - approval.billable_quantity,
            line.transaction_type = 'unbilled_sales'
            AND approval.billing_type = 'chargeable'
            AND approval.billable_quantity < line.quantity
        )
    ) AS share (actual_id, billing_type, quantity, is_due)
WHERE approval.company = %(company)s::text AND share.is_due;

-- name: open_items
-- No limits exist, so none is evaluated.
INSERT INTO operations.backlog_item (
    company, actual_id, contract_id, contract_line_id, customer_id, project_id, class, billing_type,
    transaction_date, quantity, amount, currency, state, not_to_exceed
)
SELECT
    company,
    actual_id,
    contract_id,
    contract_line_id,
    customer_id,
    project_id,
    class,
    billing_type,
    transaction_date,
    quantity,
    amount,
    currency,
    'created',
    'not_applicable'
FROM operations.actual
WHERE
    company = %(company)s::text
    AND actual_id BETWEEN %(first_key)s::bigint AND %(last_key)s::bigint
    AND transaction_type = 'unbilled_sales';

-- name: close_approvals
DELETE FROM operations.approval
USING operations.entry
WHERE
    approval.company = %(company)s::text
    AND entry.company = %(company)s::text
    AND entry.entry_id = approval.entry_id
    AND entry.first_actual_id BETWEEN %(first_key)s::bigint AND %(last_key)s::bigint;

-- name: total_actuals
SELECT
    transaction_type::text AS transaction_type,
    billing_type::text AS billing_type,
    currency,
    count(*) AS actual_count,
    sum(quantity) AS quantity,
    sum(amount) AS amount
FROM operations.actual
WHERE company = %(company)s::text AND actual_id BETWEEN %(first_key)s::bigint AND %(last_key)s::bigint
GROUP BY transaction_type, billing_type, currency
ORDER BY transaction_type, billing_type, currency;
