-- name: lock_items
-- A sale that a draft takes up at this moment must not be taken back: its item is locked here,
-- after the entry, and a draft locks it too.
WITH sale AS (
    SELECT
        actual.contract_id,
        actual.actual_id
    FROM operations.entry
    CROSS JOIN LATERAL generate_series(entry.first_actual_id, entry.last_actual_id) AS block (actual_id)
    JOIN operations.actual
        ON
            actual.company = %(company)s::text
            AND actual.actual_id = block.actual_id
            AND actual.transaction_type = 'unbilled_sales'
    WHERE entry.company = %(company)s::text AND entry.entry_id = any(%(entry_ids)s::bigint[])
    UNION ALL
    SELECT
        reopened.contract_id,
        reopened.actual_id
    FROM operations.actual AS reopened
    WHERE
        reopened.company = %(company)s::text
        AND reopened.entry_id = any(%(entry_ids)s::bigint[])
        AND reopened.event = 'correction'
        AND reopened.transaction_type = 'unbilled_sales'
        AND reopened.reverses_id IS NULL
),

locked AS (
    SELECT item.actual_id
    FROM sale
    JOIN operations.backlog_item AS item
        ON
            item.company = %(company)s::text
            AND item.contract_id = sale.contract_id
            AND item.actual_id = sale.actual_id
    ORDER BY item.actual_id
    FOR UPDATE OF item
)

SELECT count(*) AS locked_count
FROM locked;

-- name: find_billed
-- Entries with a sale that is on a draft, or that a bill stands for which no correction has
-- credited. The bills of a sale are looked for on the proforma that took it out of the backlog.
-- A sale that a lost contract took back stays taken back.
WITH sale AS (
    SELECT
        entry.entry_id,
        actual.actual_id,
        actual.contract_id
    FROM operations.entry
    CROSS JOIN LATERAL generate_series(entry.first_actual_id, entry.last_actual_id) AS block (actual_id)
    JOIN operations.actual
        ON
            actual.company = %(company)s::text
            AND actual.actual_id = block.actual_id
            AND actual.transaction_type = 'unbilled_sales'
    WHERE entry.company = %(company)s::text AND entry.entry_id = any(%(entry_ids)s::bigint[])
    UNION ALL
    SELECT
        reopened.entry_id,
        reopened.actual_id,
        reopened.contract_id
    FROM operations.actual AS reopened
    WHERE
        reopened.company = %(company)s::text
        AND reopened.entry_id = any(%(entry_ids)s::bigint[])
        AND reopened.event = 'correction'
        AND reopened.transaction_type = 'unbilled_sales'
        AND reopened.reverses_id IS NULL
),

traced AS (
    SELECT
        sale.entry_id,
        item.proforma_id AS draft_id,
        reversal.proforma_id AS billed_on_id,
        coalesce(reversal.event = 'contract_change', false) AS is_lost
    FROM sale
    LEFT JOIN operations.backlog_item AS item
        ON
            item.company = %(company)s::text
            AND item.contract_id = sale.contract_id
            AND item.actual_id = sale.actual_id
    LEFT JOIN operations.actual AS reversal
        ON reversal.company = %(company)s::text AND reversal.reverses_id = sale.actual_id
),

-- One proforma may stand for many entries: its bills are read once.
billed AS (
    SELECT
        bill.entry_id,
        bill.proforma_id
    FROM (
        SELECT DISTINCT traced.billed_on_id
        FROM traced
        WHERE traced.billed_on_id IS NOT NULL
    ) AS taken
    JOIN operations.proforma
        ON proforma.company = %(company)s::text AND proforma.proforma_id = taken.billed_on_id
    JOIN operations.actual AS bill
        ON
            bill.company = %(company)s::text
            AND bill.actual_id BETWEEN proforma.first_actual_id AND proforma.last_actual_id
            AND bill.proforma_id = proforma.proforma_id
            AND bill.transaction_type = 'billed_sales'
            AND bill.reverses_id IS NULL
            AND bill.entry_id = any(%(entry_ids)s::bigint[])
    LEFT JOIN operations.actual AS credit
        ON credit.company = %(company)s::text AND credit.reverses_id = bill.actual_id
    WHERE credit.actual_id IS NULL
),

held AS (
    SELECT
        entry_id,
        draft_id AS proforma_id
    FROM traced
    WHERE draft_id IS NOT NULL OR is_lost
    UNION ALL
    SELECT
        entry_id,
        proforma_id
    FROM billed
)

SELECT
    held.entry_id,
    min(proforma.number) AS proforma_number
FROM held
LEFT JOIN operations.proforma
    ON proforma.company = %(company)s::text AND proforma.proforma_id = held.proforma_id
GROUP BY held.entry_id
ORDER BY held.entry_id;

-- name: find_in_process
SELECT
    entry_id,
    min(journal_id) AS journal_id
FROM operations.actual_in_process
WHERE company = %(company)s::text AND entry_id = any(%(entry_ids)s::bigint[])
GROUP BY entry_id
ORDER BY entry_id;

-- name: create_reversing
-- The actuals to reverse.
CREATE TEMP TABLE reversing (
    actual_id bigint NOT NULL
) ON COMMIT DROP;

-- name: choose_actuals_of_entries
-- All that is left of an entry's approval: its block, and what corrections opened again.
INSERT INTO pg_temp.reversing (actual_id)
WITH candidate AS (
    SELECT block.actual_id
    FROM operations.entry
    CROSS JOIN LATERAL generate_series(entry.first_actual_id, entry.last_actual_id) AS block (actual_id)
    WHERE entry.company = %(company)s::text AND entry.entry_id = any(%(entry_ids)s::bigint[])
    UNION ALL
    SELECT reopened.actual_id
    FROM operations.actual AS reopened
    WHERE
        reopened.company = %(company)s::text
        AND reopened.entry_id = any(%(entry_ids)s::bigint[])
        AND reopened.event = 'correction'
        AND reopened.transaction_type = 'unbilled_sales'
        AND reopened.reverses_id IS NULL
)

SELECT candidate.actual_id
FROM candidate
LEFT JOIN operations.actual AS reversal
    ON reversal.company = %(company)s::text AND reversal.reverses_id = candidate.actual_id
WHERE reversal.actual_id IS NULL;

-- name: analyze_reversing
ANALYZE pg_temp.reversing;

-- name: reverse_actuals
-- A reversal is its original with quantity and amounts negated: everything else is the same, and a cost that
-- was not sent is taken back without finance, too.
INSERT INTO operations.actual (
    company, actual_id, transaction_type, class, billing_type, event, transaction_date, accounting_date, quantity,
    price, amount, discount_percent, fee_percent, discount_amount, fee_amount, currency, unit, project_id, task_id,
    resource_id, role_id, category_id, contract_id, contract_line_id, customer_id, reverses_id, source_id, entry_id,
    skip_sync, change_set_id, description
)
SELECT
    actual.company,
    %(first_key)s::bigint + row_number() OVER (ORDER BY actual.actual_id) - 1,
    actual.transaction_type,
    actual.class,
    actual.billing_type,
    %(event)s::operations.actual_event,
    actual.transaction_date,
    actual.accounting_date,
    -actual.quantity,
    actual.price,
    -actual.amount,
    actual.discount_percent,
    actual.fee_percent,
    -actual.discount_amount,
    -actual.fee_amount,
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
    actual.skip_sync,
    %(set_id)s::bigint,
    actual.description
FROM pg_temp.reversing
JOIN operations.actual
    ON
        actual.company = %(company)s::text
        AND actual.actual_id = reversing.actual_id;

-- name: close_items
WITH closed AS (
    DELETE FROM operations.backlog_item AS item
    USING pg_temp.reversing, operations.actual
    WHERE
        actual.company = %(company)s::text
        AND actual.actual_id = reversing.actual_id
        AND item.company = %(company)s::text
        AND item.contract_id = actual.contract_id
        AND item.actual_id = actual.actual_id
    RETURNING
        item.contract_id,
        item.customer_id,
        item.project_id,
        item.transaction_date,
        item.state,
        operations.chargeable_amount(item.billing_type, item.amount, item.discount_amount, item.fee_amount) AS amount
),

part AS (
    SELECT
        contract_id,
        customer_id,
        project_id,
        transaction_date,
        state,
        count(*) AS item_count,
        sum(amount) AS amount
    FROM closed
    GROUP BY contract_id, customer_id, project_id, transaction_date, state
)

INSERT INTO operations.backlog_sum (
    company, contract_id, customer_id, project_id, transaction_date, state, item_count, amount
)
SELECT
    %(company)s::text,
    contract_id,
    customer_id,
    project_id,
    transaction_date,
    state,
    -item_count,
    -amount
FROM part;

-- name: drop_reversing
DROP TABLE pg_temp.reversing;
