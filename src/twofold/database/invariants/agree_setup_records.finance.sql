-- The records that operations owns, as finance has them.
SELECT
    company,
    'customers' AS map,
    customer_id AS key,
    account AS number,
    name
FROM finance.customer
UNION ALL
SELECT
    company,
    'resources',
    resource_id,
    '',
    name
FROM finance.resource
UNION ALL
SELECT
    company,
    'contracts',
    contract_id,
    number,
    name
FROM finance.contract
UNION ALL
SELECT
    company,
    'funding_sources',
    funding_source_id,
    contract_id::text,
    invoice_name
FROM finance.funding_source
UNION ALL
SELECT
    company,
    'projects',
    project_id,
    number,
    name
FROM finance.project
UNION ALL
SELECT
    company,
    'contract_lines',
    contract_line_id,
    line_number::text,
    name
FROM finance.contract_line
UNION ALL
SELECT
    company,
    'milestones',
    milestone_id,
    amount::text,
    description
FROM finance.on_account_transaction
UNION ALL
SELECT
    company,
    'roles',
    role_id,
    '',
    name
FROM finance.role
UNION ALL
SELECT
    company,
    'categories',
    category_id,
    number,
    name
FROM finance.category
UNION ALL
SELECT
    company,
    'tasks',
    task_id,
    wbs,
    name
FROM finance.task;
