-- name: out_of_sync
SELECT
    actual.actual_id,
    actual.transaction_type::text AS transaction_type,
    actual.class::text AS transaction_class,
    project.number AS project_number,
    actual.transaction_date,
    actual.amount,
    actual.currency,
    outbox.set_id,
    outbox.created_at,
    acknowledged.applied_at
FROM dualwrite.outbox
JOIN operations.actual
    ON
        actual.company = %(company)s::text
        AND actual.actual_id BETWEEN outbox.key_first AND outbox.key_last
        AND actual.change_set_id = outbox.set_id
JOIN operations.project
    ON project.company = %(company)s::text AND project.project_id = actual.project_id
LEFT JOIN dualwrite.acknowledged
    ON acknowledged.company = %(company)s::text AND acknowledged.set_id = outbox.set_id
LEFT JOIN operations.actual_accounting AS detail
    ON detail.company = %(company)s::text AND detail.actual_id = actual.actual_id
WHERE
    outbox.company = %(company)s::text
    AND outbox.created_at BETWEEN %(created_from)s::timestamptz AND %(created_to)s::timestamptz
    AND detail.actual_id IS NULL
    AND NOT actual.skip_sync
    AND NOT (actual.class = 'retainer' AND actual.transaction_type = 'unbilled_sales')
    AND actual.actual_id > %(after)s::bigint
ORDER BY actual.actual_id
LIMIT %(rows_max)s::integer;
