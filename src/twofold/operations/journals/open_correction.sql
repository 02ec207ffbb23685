-- name: find_values
-- The records that the new values name, as far as they are there and belong together.
SELECT
    project.project_id,
    project.state::text AS project_state,
    task.task_id,
    resource.resource_id,
    role.role_id,
    category.category_id
FROM (SELECT %(company)s::text AS company) AS asked
LEFT JOIN operations.project
    ON project.company = asked.company AND project.number = %(project_number)s::text
LEFT JOIN operations.task
    ON
        task.company = asked.company
        AND task.project_id = project.project_id
        AND task.name = %(task)s::text
LEFT JOIN operations.resource
    ON resource.company = asked.company AND resource.name = %(person)s::text
LEFT JOIN operations.role ON role.name = %(role)s::text
LEFT JOIN operations.transaction_category AS category ON category.name = %(category)s::text;

-- name: find_unchanged
-- Entries that have the new values already, or none of the values that are to change.
SELECT entry_id
FROM operations.entry
WHERE
    company = %(company)s::text
    AND entry_id = any(%(entry_ids)s::bigint[])
    AND (%(project_id)s::bigint IS NULL OR (project_id, task_id) IS NOT DISTINCT FROM (
        %(project_id)s::bigint, %(task_id)s::bigint
    ))
    AND transaction_date = coalesce(%(transaction_date)s::date, transaction_date)
    AND (resource_id IS NULL OR resource_id = coalesce(%(resource_id)s::bigint, resource_id))
    AND (class <> 'time' OR %(role_id)s::bigint IS NULL OR role_id IS NOT DISTINCT FROM %(role_id)s::bigint)
    AND (
        class = 'time'
        OR %(category_id)s::bigint IS NULL
        OR category_id IS NOT DISTINCT FROM %(category_id)s::bigint
    )
ORDER BY entry_id;

-- name: write_journal
INSERT INTO operations.journal (
    company, journal_id, kind, description, state, project_id, task_id, transaction_date, resource_id, role_id,
    category_id, created_by, created_at
)
VALUES (
    %(company)s::text, %(journal_id)s::bigint, 'correction', %(description)s::text, 'open',
    %(project_id)s::bigint, %(task_id)s::bigint, %(transaction_date)s::date, %(resource_id)s::bigint,
    %(role_id)s::bigint, %(category_id)s::bigint, %(actor)s::text, %(at)s::timestamptz
);

-- name: take_in_process
INSERT INTO operations.actual_in_process (company, actual_id, journal_id, entry_id, contract_id, item_state)
SELECT
    actual.company,
    actual.actual_id,
    %(journal_id)s::bigint,
    actual.entry_id,
    item.contract_id,
    item.state
FROM pg_temp.reversing
JOIN operations.actual
    ON actual.company = %(company)s::text AND actual.actual_id = reversing.actual_id
LEFT JOIN operations.backlog_item AS item
    ON
        item.company = %(company)s::text
        AND item.contract_id = actual.contract_id
        AND item.actual_id = actual.actual_id;
