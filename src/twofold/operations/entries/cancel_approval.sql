-- name: reopen_approvals
-- The approval as it was decided: what was approved as billable, and how.
INSERT INTO operations.approval (company, entry_id, billable_quantity, billing_type, submitted_by, submitted_at)
SELECT
    entry.company,
    entry.entry_id,
    CASE
        WHEN count(*) FILTER (WHERE actual.transaction_type = 'unbilled_sales') = 0 AND bool_and(
            actual.billing_type = 'chargeable'
        ) THEN entry.quantity
        ELSE coalesce(
            sum(actual.quantity) FILTER (
                WHERE actual.transaction_type = 'unbilled_sales' AND actual.billing_type = 'chargeable'
            ), 0
        )
    END,
    (array_agg(actual.billing_type ORDER BY actual.actual_id))[1],
    %(actor)s::text,
    %(at)s::timestamptz
FROM operations.entry
CROSS JOIN LATERAL generate_series(entry.first_actual_id, entry.last_actual_id) AS block (actual_id)
JOIN operations.actual
    ON
        actual.company = %(company)s::text
        AND actual.actual_id = block.actual_id
WHERE entry.company = %(company)s::text AND entry.entry_id = any(%(entry_ids)s::bigint[])
GROUP BY entry.company, entry.entry_id;
