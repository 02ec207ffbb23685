-- name: plant_actuals
INSERT INTO operations.actual (
    company, actual_id, transaction_type, class, billing_type, event, transaction_date,
    accounting_date, quantity, price, amount, currency, unit, project_id, resource_id, role_id,
    category_id, contract_id, contract_line_id, customer_id, skip_sync, change_set_id, description
)
SELECT
    %(company)s::text,
    key,
    CASE key %% 2 WHEN 0 THEN 'cost' ELSE 'unbilled_sales' END::operations.transaction_type,
    'time',
    'chargeable',
    'approval',
    date '2026-10-01' + (key %% 31)::integer,
    '2026-10-31',
    1 + key %% 8,
    125.5,
    (1 + key %% 8) * 125.5,
    'USD',
    'hour',
    project,
    resource,
    1 + resource %% 10,
    1 + key %% 5,
    project,
    project,
    1 + project %% 10,
    false,
    %(set_id)s::bigint,
    'Work item ' || key
FROM generate_series(%(first)s::bigint, %(first)s::bigint + %(count)s::bigint - 1) AS key
CROSS JOIN LATERAL (
    SELECT
        1 + (key / 7) %% %(projects)s::bigint,
        1 + (key / 3) %% %(resources)s::bigint
) AS work (project, resource);

-- name: plant_bill
-- Billed sales of one contract, each with the sale it bills.
INSERT INTO operations.actual (
    company, actual_id, transaction_type, class, billing_type, event, transaction_date,
    accounting_date, quantity, price, amount, currency, unit, project_id, resource_id, role_id,
    category_id, contract_id, contract_line_id, customer_id, source_id, proforma_id, skip_sync,
    change_set_id, description
)
SELECT
    %(company)s::text,
    key,
    'billed_sales',
    'time',
    'chargeable',
    'invoicing',
    date '2026-10-01' + (key %% 31)::integer,
    '2026-11-02',
    1 + key %% 8,
    125.5,
    (1 + key %% 8) * 125.5,
    'USD',
    'hour',
    1,
    1 + key %% %(resources)s::bigint,
    1,
    1 + key %% 5,
    1,
    1,
    2,
    key + 1000000000,
    %(set_id)s::bigint,
    false,
    %(set_id)s::bigint,
    'Work item ' || key
FROM generate_series(%(first)s::bigint, %(first)s::bigint + %(count)s::bigint - 1) AS key;

-- name: plant_proforma
INSERT INTO operations.proforma (
    company, proforma_id, number, name, contract_id, customer_id, currency, state,
    detail_amount, tax_amount, total_amount, detail_count, created_by, created_at
)
SELECT
    %(company)s::text,
    %(set_id)s::bigint,
    'PF-' || %(set_id)s::text,
    'Work of October',
    1,
    2,
    'USD',
    'draft',
    100,
    0,
    100,
    %(count)s::bigint,
    'bench',
    now();

-- name: confirm_proforma
UPDATE operations.proforma
SET
    state = 'confirmed',
    accounting_date = '2026-11-02',
    confirmed_by = 'bench',
    confirmed_at = now(),
    change_set_id = %(set_id)s::bigint,
    first_actual_id = %(first)s::bigint,
    last_actual_id = %(first)s::bigint + %(count)s::bigint - 1,
    billable_count = %(count)s::bigint,
    billable_hash = 1
WHERE company = %(company)s::text AND proforma_id = %(set_id)s::bigint;
