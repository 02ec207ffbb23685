-- name: count_entries
SELECT
    company,
    class::text AS cls,
    state::text AS state,
    count(*) AS entry_count,
    sum(quantity) AS quantity
FROM operations.entry
WHERE company = %(company)s::text
GROUP BY company, class, state
ORDER BY class, state;

-- name: list_entries
-- Entries in one state, by their keys: the key is what every decision asks for.
SELECT
    entry.entry_id,
    entry.class::text AS cls,
    entry.transaction_date AS work_on,
    resource.name AS person,
    project.number AS project_number,
    entry.quantity,
    entry.state::text AS state,
    entry.description
FROM operations.entry
JOIN operations.project
    ON project.company = %(company)s::text AND project.project_id = entry.project_id
LEFT JOIN operations.resource
    ON resource.company = %(company)s::text AND resource.resource_id = entry.resource_id
WHERE
    entry.company = %(company)s::text
    AND entry.state = %(state)s::operations.entry_state
    AND entry.entry_id > %(after)s::bigint
    AND (%(project)s::text IS NULL OR project.number = %(project)s::text)
ORDER BY entry.entry_id
LIMIT %(rows_max)s::bigint;

-- name: find_entries
SELECT
    entry.entry_id,
    entry.class::text AS cls,
    entry.transaction_date AS work_on,
    resource.name AS person,
    project.number AS project_number,
    entry.quantity,
    entry.state::text AS state,
    entry.description
FROM operations.entry
JOIN operations.project
    ON project.company = %(company)s::text AND project.project_id = entry.project_id
LEFT JOIN operations.resource
    ON resource.company = %(company)s::text AND resource.resource_id = entry.resource_id
WHERE entry.company = %(company)s::text AND entry.entry_id = any(%(entry_ids)s::bigint[])
ORDER BY entry.entry_id;

-- name: list_waiting
-- What waits for a decision, by its keys: what was recorded first comes first.
SELECT
    approval.entry_id,
    entry.class::text AS cls,
    entry.transaction_date AS work_on,
    project.number AS project_number,
    project.name AS project_name,
    resource.name AS person,
    entry.quantity,
    approval.billable_quantity,
    approval.billing_type::text AS billing_type,
    cost.amount AS cost_amount,
    cost.currency AS cost_currency,
    sales.amount AS sales_amount,
    sales.currency AS sales_currency,
    entry.description,
    approval.submitted_by,
    approval.submitted_at
FROM operations.approval
JOIN operations.entry
    ON entry.company = approval.company AND entry.entry_id = approval.entry_id
JOIN operations.project
    ON project.company = approval.company AND project.project_id = entry.project_id
LEFT JOIN operations.resource
    ON resource.company = approval.company AND resource.resource_id = entry.resource_id
LEFT JOIN operations.journal_line AS cost
    ON
        cost.company = approval.company
        AND cost.entry_id = approval.entry_id
        AND cost.transaction_type = 'cost'
LEFT JOIN operations.journal_line AS sales
    ON
        sales.company = approval.company
        AND sales.entry_id = approval.entry_id
        AND sales.transaction_type = 'unbilled_sales'
WHERE
    approval.company = %(company)s::text
    AND approval.entry_id > %(after)s::bigint
    AND (%(project)s::text IS NULL OR project.number = %(project)s::text)
    AND (%(cls)s::text IS NULL OR entry.class::text = %(cls)s::text)
    AND (%(person)s::text IS NULL OR strpos(lower(resource.name), lower(%(person)s::text)) > 0)
    AND (%(up_to)s::date IS NULL OR entry.transaction_date <= %(up_to)s::date)
ORDER BY approval.entry_id
LIMIT %(row_count_max)s::bigint;

-- name: waiting_keys
SELECT approval.entry_id
FROM operations.approval
JOIN operations.entry
    ON entry.company = approval.company AND entry.entry_id = approval.entry_id
JOIN operations.project
    ON project.company = approval.company AND project.project_id = entry.project_id
LEFT JOIN operations.resource
    ON resource.company = approval.company AND resource.resource_id = entry.resource_id
WHERE
    approval.company = %(company)s::text
    AND approval.entry_id > %(after)s::bigint
    AND (%(project)s::text IS NULL OR project.number = %(project)s::text)
    AND (%(cls)s::text IS NULL OR entry.class::text = %(cls)s::text)
    AND (%(person)s::text IS NULL OR strpos(lower(resource.name), lower(%(person)s::text)) > 0)
    AND (%(up_to)s::date IS NULL OR entry.transaction_date <= %(up_to)s::date)
ORDER BY approval.entry_id
LIMIT %(row_count_max)s::bigint;

-- name: sum_waiting
-- The same per project, however much it is.
SELECT
    project.number AS project_number,
    project.name AS project_name,
    entry.class::text AS cls,
    count(*) AS entry_count,
    sum(entry.quantity) AS quantity,
    min(entry.transaction_date) AS first_on,
    max(entry.transaction_date) AS last_on
FROM operations.approval
JOIN operations.entry
    ON entry.company = approval.company AND entry.entry_id = approval.entry_id
JOIN operations.project
    ON project.company = approval.company AND project.project_id = entry.project_id
LEFT JOIN operations.resource
    ON resource.company = approval.company AND resource.resource_id = entry.resource_id
WHERE
    approval.company = %(company)s::text
    AND (%(project)s::text IS NULL OR project.number = %(project)s::text)
    AND (%(cls)s::text IS NULL OR entry.class::text = %(cls)s::text)
    AND (%(person)s::text IS NULL OR strpos(lower(resource.name), lower(%(person)s::text)) > 0)
    AND (%(up_to)s::date IS NULL OR entry.transaction_date <= %(up_to)s::date)
GROUP BY project.number, project.name, entry.class
ORDER BY project.number, entry.class;

-- name: list_rejected
-- The latest decisions first: an entry that went back twice is there twice.
SELECT
    rejection.rejection_id,
    entry.entry_id,
    entry.class::text AS cls,
    entry.transaction_date AS work_on,
    resource.name AS person,
    project.number AS project_number,
    entry.quantity,
    entry.description,
    rejection.reason,
    rejection.actor,
    rejection.at,
    entry.state::text AS state
FROM operations.entry_rejection AS rejection
JOIN operations.entry
    ON entry.company = %(company)s::text AND entry.entry_id = rejection.entry_id
JOIN operations.project
    ON project.company = %(company)s::text AND project.project_id = entry.project_id
LEFT JOIN operations.resource
    ON resource.company = %(company)s::text AND resource.resource_id = entry.resource_id
WHERE
    rejection.company = %(company)s::text
    AND (%(before)s::bigint IS NULL OR rejection.rejection_id < %(before)s::bigint)
    AND (%(project)s::text IS NULL OR project.number = %(project)s::text)
ORDER BY rejection.rejection_id DESC
LIMIT %(rows_max)s::bigint;
