-- name: plant_records
INSERT INTO finance.customer (company, customer_id, account, name, currency, source_version)
VALUES (%(company)s::text, 1, 'US-001', 'Adatum', 'USD', 1);

-- name: plant_contracts
INSERT INTO finance.contract (company, contract_id, number, name, customer_id, currency, source_version)
SELECT
    %(company)s::text,
    number,
    'K-' || number,
    'Contract ' || number,
    1,
    'USD',
    1
FROM generate_series(1, %(projects)s::bigint) AS number;

-- name: plant_projects
INSERT INTO finance.project (
    company, project_id, number, name, contract_id, customer_id, state, source_version
)
SELECT
    %(company)s::text,
    number,
    'P-' || number,
    'Project ' || number,
    number,
    1,
    'in_process',
    1
FROM generate_series(1, %(projects)s::bigint) AS number;

-- name: plant_contract_lines
INSERT INTO finance.contract_line (
    company, contract_line_id, contract_id, line_number, name, billing_method, project_id, source_version
)
SELECT
    %(company)s::text,
    number,
    number,
    1,
    'Work',
    'time_and_material',
    number,
    1
FROM generate_series(1, %(projects)s::bigint) AS number;

-- name: plant_categories
INSERT INTO finance.category (company, category_id, number, name, source_version)
VALUES
(%(company)s::text, 1, 'TCN-0000000100-LABOR', 'Labour', 1),
(%(company)s::text, 2, 'TCN-0000000400-SERVO', 'Servers', 1);

-- name: plant_resources
INSERT INTO finance.resource (company, resource_id, name, source_version)
SELECT
    %(company)s::text,
    number,
    'Resource ' || number,
    1
FROM generate_series(1, %(resources)s::bigint) AS number;

-- name: plant_sales
-- Unbilled sales of time and of taxed material, of as many contracts as there are projects: those of
-- one proposal follow each other and are of one contract.
INSERT INTO finance.staged_actual (
    company, actual_id, transaction_type, class, billing_type, transaction_date, accounting_date, quantity,
    price, amount, currency, unit, project_id, resource_id, category_id, contract_id, contract_line_id,
    customer_id, source_set_id, description
)
SELECT
    %(company)s::text,
    key,
    'unbilled_sales',
    CASE key %% 4 WHEN 0 THEN 'material' ELSE 'time' END::finance.transaction_class,
    'chargeable',
    date '2026-10-01' + (key %% 31)::integer,
    date '2026-10-01' + (key %% 31)::integer,
    1 + key %% 8,
    125.5,
    (1 + key %% 8) * 125.5,
    'USD',
    'hour',
    1 + (contract - 1 + key %% 5) %% %(projects)s::bigint,
    1 + key %% %(resources)s::bigint,
    CASE key %% 4 WHEN 0 THEN 2 ELSE 1 END,
    contract,
    contract,
    1,
    1,
    'Work item ' || key
FROM generate_series(1, %(rows)s::bigint) AS key
CROSS JOIN
    LATERAL (VALUES (1 + (key - 1) / %(lines)s::bigint %% %(projects)s::bigint)) AS work (contract);

-- name: plant_bills
-- A billed sale for each of them, a set of its own for each proposal.
INSERT INTO finance.staged_actual (
    company, actual_id, transaction_type, class, billing_type, transaction_date, accounting_date, quantity,
    price, amount, currency, unit, project_id, resource_id, category_id, contract_id, contract_line_id,
    customer_id, proforma_id, source_set_id, description
)
SELECT
    company,
    actual_id + %(rows)s::bigint,
    'billed_sales',
    class,
    billing_type,
    transaction_date,
    '2026-11-02',
    quantity,
    price,
    amount,
    currency,
    unit,
    project_id,
    resource_id,
    category_id,
    contract_id,
    contract_line_id,
    customer_id,
    1 + (actual_id - 1) / %(lines)s::bigint,
    2 + (actual_id - 1) / %(lines)s::bigint,
    description
FROM finance.staged_actual
WHERE company = %(company)s::text AND transaction_type = 'unbilled_sales'
ORDER BY actual_id;

-- name: plant_connections
INSERT INTO finance.staged_connection (
    company, transaction1_id, transaction1_role, transaction2_id, transaction2_role
)
SELECT
    %(company)s::text,
    key + %(rows)s::bigint,
    'billed_sales',
    key,
    'unbilled_sales'
FROM generate_series(1, %(rows)s::bigint) AS key;

-- name: plant_headers
INSERT INTO finance.proposal (
    company, proposal_id, number, name, contract_id, customer_id, currency, accounting_date, confirmed_at,
    first_actual_id, last_actual_id, billable_count, billable_hash
)
SELECT
    company,
    proforma_id,
    'PF-' || proforma_id,
    'Work of October',
    min(contract_id),
    1,
    'USD',
    '2026-11-02',
    %(at)s::timestamptz,
    min(actual_id),
    max(actual_id),
    count(*),
    sum(hashtextextended(actual_id::text, 0)::numeric)
FROM finance.staged_actual
WHERE company = %(company)s::text AND transaction_type = 'billed_sales'
GROUP BY company, proforma_id;

-- name: plant_sets
-- The sets that rows came in and that have not arrived before.
WITH arrived AS (
    SELECT
        source_set_id,
        min(actual_id) AS key_first,
        max(actual_id) AS key_last,
        count(*) AS row_count,
        bool_or(transaction_type = 'billed_sales') AS is_bill
    FROM finance.staged_actual
    WHERE
        company = %(company)s::text
        AND source_set_id NOT IN (
            SELECT set_id FROM dualwrite.inbox
            WHERE company = %(company)s::text AND source = 'operations'
        )
    GROUP BY source_set_id
),

linked AS (
    INSERT INTO dualwrite.chain (company, source, chain_number, set_id, previous_hash, hash)
    SELECT
        %(company)s::text,
        'operations',
        source_set_id,
        source_set_id,
        '',
        ''
    FROM arrived
)

INSERT INTO dualwrite.inbox (
    company, source, set_id, kind, stream, version, key_first, key_last, content_hash, row_count, actor,
    created_at, applied_at
)
SELECT
    %(company)s::text,
    'operations',
    source_set_id,
    CASE WHEN is_bill THEN 'confirmation' ELSE 'approval' END,
    source_set_id,
    1,
    key_first,
    key_last,
    '',
    row_count,
    'bench',
    %(at)s::timestamptz,
    %(at)s::timestamptz
FROM arrived;
