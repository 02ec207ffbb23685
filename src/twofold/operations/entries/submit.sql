-- name: gather_submission
INSERT INTO pg_temp.submission (
    company, entry_id, class, transaction_date, project_id, task_id, resource_id, role_id, category_id, product_id,
    quantity, unit, unit_price, currency, billing_type
)
SELECT
    company,
    entry_id,
    class,
    transaction_date,
    project_id,
    task_id,
    resource_id,
    role_id,
    category_id,
    product_id,
    quantity,
    unit,
    unit_price,
    currency,
    billing_type
FROM operations.entry
WHERE company = %(company)s::text AND entry_id = any(%(entry_ids)s::bigint[]);
