-- Customers, resources, roles, categories, contracts and their lines and payers, projects and
-- milestones are in finance with the number and name they have here. A record whose change is
-- still on its way counts as it was last acknowledged.
WITH last_acknowledged AS (
    SELECT
        outbox.company,
        max(outbox.set_id) AS set_id
    FROM dualwrite.outbox
    JOIN dualwrite.acknowledged
        ON acknowledged.company = outbox.company AND acknowledged.set_id = outbox.set_id
    WHERE outbox.stream = 'setup'
    GROUP BY outbox.company
),

last_sent AS (
    SELECT
        company,
        max(set_id) AS set_id
    FROM dualwrite.outbox
    WHERE stream = 'setup'
    GROUP BY company
),

present AS (
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
    -- Roles and categories are shared; each setup set of a company carries all of them.
    UNION ALL
    SELECT
        role.company,
        'roles',
        role.role_id,
        '',
        role.name,
        last_sent.set_id
    FROM operations.company_role AS role
    JOIN last_sent ON last_sent.company = role.company
    UNION ALL
    SELECT
        category.company,
        'categories',
        category.category_id,
        category.number,
        category.name,
        last_sent.set_id
    FROM operations.company_category AS category
    JOIN last_sent ON last_sent.company = category.company
),

sent AS (
    SELECT DISTINCT ON (captured.company, captured.map, captured.content ->> place.key)
        captured.company,
        captured.map,
        (captured.content ->> place.key)::bigint AS key,
        captured.content ->> place.number AS number,
        captured.content ->> place.name AS name
    FROM dualwrite.captured
    JOIN last_acknowledged
        ON last_acknowledged.company = captured.company AND captured.set_id <= last_acknowledged.set_id
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
        ('categories', 'category_id', 'number', 'name')
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
