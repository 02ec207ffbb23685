-- name: lock_items
-- A sale that a draft takes up at this moment must not be cancelled: its item is locked here,
-- after the entry, and a draft locks it too.
WITH locked AS (
    SELECT item.actual_id
    FROM operations.entry
    CROSS JOIN LATERAL generate_series(entry.first_actual_id, entry.last_actual_id) AS block (actual_id)
    JOIN operations.actual
        ON
            actual.company = %(company)s::text
            AND actual.actual_id = block.actual_id
            AND actual.transaction_type = 'unbilled_sales'
    JOIN operations.backlog_item AS item
        ON
            item.company = %(company)s::text
            AND item.contract_id = actual.contract_id
            AND item.actual_id = actual.actual_id
    WHERE entry.company = %(company)s::text AND entry.entry_id = any(%(entry_ids)s::bigint[])
    ORDER BY item.actual_id
    FOR UPDATE OF item
)

SELECT count(*) AS locked_count
FROM locked;

-- name: find_billed
-- Entries with a sale that is on a draft, or that is no longer in the backlog at all.
SELECT
    entry.entry_id,
    min(proforma.number) AS proforma_number
FROM operations.entry
CROSS JOIN LATERAL generate_series(entry.first_actual_id, entry.last_actual_id) AS block (actual_id)
JOIN operations.actual
    ON
        actual.company = %(company)s::text
        AND actual.actual_id = block.actual_id
        AND actual.transaction_type = 'unbilled_sales'
LEFT JOIN operations.backlog_item AS item
    ON
        item.company = %(company)s::text
        AND item.contract_id = actual.contract_id
        AND item.actual_id = actual.actual_id
LEFT JOIN operations.actual AS reversal
    ON reversal.company = %(company)s::text AND reversal.reverses_id = actual.actual_id
LEFT JOIN operations.proforma
    ON
        proforma.company = %(company)s::text
        AND proforma.proforma_id = coalesce(item.proforma_id, reversal.proforma_id)
WHERE
    entry.company = %(company)s::text
    AND entry.entry_id = any(%(entry_ids)s::bigint[])
    AND (item.actual_id IS NULL OR item.state = 'on_proforma')
GROUP BY entry.entry_id
ORDER BY entry.entry_id;

-- name: count_actuals
SELECT coalesce(sum(last_actual_id - first_actual_id + 1), 0)::bigint AS actual_count
FROM operations.entry
WHERE company = %(company)s::text AND entry_id = any(%(entry_ids)s::bigint[]);

-- name: reverse_actuals
-- A reversal is its original with quantity and amount negated: everything else is the same.
INSERT INTO operations.actual (
    company, actual_id, transaction_type, class, billing_type, event, transaction_date, accounting_date, quantity,
    price, amount, currency, unit, project_id, task_id, resource_id, role_id, category_id, contract_id,
    contract_line_id, customer_id, reverses_id, source_id, entry_id, skip_sync, change_set_id, description
)
SELECT
    actual.company,
    %(first_key)s::bigint + row_number() OVER (ORDER BY actual.actual_id) - 1,
    actual.transaction_type,
    actual.class,
    actual.billing_type,
    'cancellation',
    actual.transaction_date,
    actual.accounting_date,
    -actual.quantity,
    actual.price,
    -actual.amount,
    actual.currency,
    actual.unit,
    actual.project_id,
    actual.task_id,
    actual.resource_id,
    actual.role_id,
    actual.category_id,
    actual.contract_id,
    actual.contract_line_id,
    actual.customer_id,
    actual.actual_id,
    actual.source_id,
    actual.entry_id,
    false,
    %(set_id)s::bigint,
    actual.description
FROM operations.entry
CROSS JOIN LATERAL generate_series(entry.first_actual_id, entry.last_actual_id) AS block (actual_id)
JOIN operations.actual
    ON
        actual.company = %(company)s::text
        AND actual.actual_id = block.actual_id
WHERE entry.company = %(company)s::text AND entry.entry_id = any(%(entry_ids)s::bigint[]);

-- name: close_items
DELETE FROM operations.backlog_item AS item
USING
    operations.entry,
    generate_series(entry.first_actual_id, entry.last_actual_id) AS block (actual_id),
    operations.actual
WHERE
    entry.company = %(company)s::text
    AND entry.entry_id = any(%(entry_ids)s::bigint[])
    AND actual.company = %(company)s::text
    AND actual.actual_id = block.actual_id
    AND item.company = %(company)s::text
    AND item.contract_id = actual.contract_id
    AND item.actual_id = actual.actual_id;
