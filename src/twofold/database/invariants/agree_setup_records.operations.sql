-- Customers, resources, roles, categories, contracts and their lines and payers, projects, tasks and
-- milestones are in finance with the number and name they have here. A record whose change is
-- still on its way counts as it was last acknowledged.
WITH present AS (
    SELECT
        company,
        'customers' AS map,
        customer_id AS key,
        account AS number,
        name,
        change_set_id
    FROM operations.customer
    UNION ALL
    SELECT
        company,
        'resources',
        resource_id,
        '',
        name,
        change_set_id
    FROM operations.resource
    UNION ALL
    SELECT
        company,
        'contracts',
        contract_id,
        number,
        name,
        change_set_id
    FROM operations.contract
    UNION ALL
    SELECT
        company,
        'funding_sources',
        contract_customer_id,
        contract_id::text,
        bill_to_name,
        change_set_id
    FROM operations.contract_customer
    UNION ALL
    SELECT
        company,
        'projects',
        project_id,
        number,
        name,
        change_set_id
    FROM operations.project
    UNION ALL
    SELECT
        company,
        'contract_lines',
        contract_line_id,
        line_number::text,
        name,
        change_set_id
    FROM operations.contract_line
    UNION ALL
    SELECT
        company,
        'milestones',
        milestone_id,
        amount::text,
        name,
        change_set_id
    FROM operations.milestone
    UNION ALL
    SELECT
        company,
        'roles',
        role_id,
        '',
        name,
        change_set_id
    FROM operations.company_role
    UNION ALL
    SELECT
        company,
        'categories',
        category_id,
        number,
        name,
        change_set_id
    FROM operations.company_category
    UNION ALL
    SELECT
        company,
        'tasks',
        task_id,
        wbs,
        name,
        change_set_id
    FROM operations.task
),

sent AS (
    SELECT DISTINCT ON (captured.company, captured.map, captured.content ->> place.key)
        captured.company,
        captured.map,
        (captured.content ->> place.key)::bigint AS key,
        captured.content ->> place.number AS number,
        captured.content ->> place.name AS name
    FROM dualwrite.captured
    JOIN dualwrite.acknowledged
        ON acknowledged.company = captured.company AND acknowledged.set_id = captured.set_id
    JOIN (
        VALUES
        ('customers', 'customer_id', 'account', 'name'),
        ('resources', 'resource_id', '', 'name'),
        ('contracts', 'contract_id', 'number', 'name'),
        ('funding_sources', 'funding_source_id', 'contract_id', 'invoice_name'),
        ('projects', 'project_id', 'number', 'name'),
        ('contract_lines', 'contract_line_id', 'line_number', 'name'),
        ('milestones', 'milestone_id', 'amount', 'description'),
        ('roles', 'role_id', '', 'name'),
        ('categories', 'category_id', 'number', 'name'),
        ('tasks', 'task_id', 'wbs', 'name')
    ) AS place (map, key, number, name) ON place.map = captured.map
    ORDER BY captured.company ASC, captured.map ASC, captured.content ->> place.key ASC, captured.set_id DESC
)

SELECT
    present.company,
    present.map,
    present.key,
    coalesce(was.number, present.number) AS number,
    CASE WHEN was.key IS NULL THEN present.name ELSE was.name END AS name
FROM present
LEFT JOIN dualwrite.acknowledged
    ON acknowledged.company = present.company AND acknowledged.set_id = present.change_set_id
LEFT JOIN sent AS was
    ON
        was.company = present.company
        AND was.map = present.map
        AND was.key = present.key
        AND acknowledged.set_id IS NULL
WHERE acknowledged.set_id IS NOT NULL OR was.key IS NOT NULL;
