-- name: list_journals
SELECT
    journal.company,
    journal.journal_id,
    journal.description,
    journal.state::text AS state,
    journal.created_by,
    journal.created_at,
    journal.closed_by,
    journal.change_set_id AS set_id,
    CASE
        WHEN journal.kind = 'correction'
            THEN coalesce(
                journal.last_actual_id - journal.first_actual_id + 1,
                (
                    SELECT count(*) FROM operations.actual_in_process AS held
                    WHERE held.company = %(company)s::text AND held.journal_id = journal.journal_id
                )
            )
        ELSE (
            SELECT count(*) FROM operations.entry_journal_line AS line
            WHERE line.company = %(company)s::text AND line.journal_id = journal.journal_id
        )
    END AS row_count
FROM operations.journal
WHERE
    journal.company = %(company)s::text
    AND journal.kind = %(kind)s::operations.journal_kind
    AND (%(before)s::bigint IS NULL OR journal.journal_id < %(before)s::bigint)
ORDER BY journal.journal_id DESC
LIMIT %(row_count_max)s::bigint;

-- name: show_journal
SELECT
    journal.journal_id,
    journal.kind::text AS kind,
    journal.description,
    journal.state::text AS state,
    project.number AS project_number,
    task.name AS task,
    journal.transaction_date AS work_on,
    resource.name AS person,
    role.name AS role,
    category.name AS category,
    journal.created_by,
    journal.created_at,
    journal.closed_by,
    journal.closed_at,
    CASE
        WHEN journal.kind = 'correction'
            THEN coalesce(
                journal.last_actual_id - journal.first_actual_id + 1,
                (
                    SELECT count(*) FROM operations.actual_in_process AS held
                    WHERE held.company = %(company)s::text AND held.journal_id = journal.journal_id
                )
            )
        ELSE (
            SELECT count(*) FROM operations.entry_journal_line AS line
            WHERE line.company = %(company)s::text AND line.journal_id = journal.journal_id
        )
    END AS row_count
FROM operations.journal
LEFT JOIN operations.project
    ON project.company = %(company)s::text AND project.project_id = journal.project_id
LEFT JOIN operations.task
    ON task.company = %(company)s::text AND task.task_id = journal.task_id
LEFT JOIN operations.resource
    ON resource.company = %(company)s::text AND resource.resource_id = journal.resource_id
LEFT JOIN operations.role ON role.role_id = journal.role_id
LEFT JOIN operations.transaction_category AS category ON category.category_id = journal.category_id
WHERE
    journal.company = %(company)s::text
    AND journal.journal_id = %(journal_id)s::bigint
    AND journal.kind = %(kind)s::operations.journal_kind;

-- name: list_corrected
-- The entries whose actuals are in process, or were made anew.
WITH named AS (
    SELECT held.entry_id
    FROM operations.actual_in_process AS held
    WHERE held.company = %(company)s::text AND held.journal_id = %(journal_id)s::bigint
    UNION
    SELECT made.entry_id
    FROM operations.journal
    JOIN operations.actual AS made
        ON
            made.company = %(company)s::text
            AND made.actual_id BETWEEN journal.first_actual_id AND journal.last_actual_id
    WHERE
        journal.company = %(company)s::text
        AND journal.journal_id = %(journal_id)s::bigint
        AND made.entry_id IS NOT NULL
)

SELECT
    entry.entry_id,
    entry.class::text AS cls,
    entry.transaction_date AS work_on,
    resource.name AS person,
    project.number AS project_number,
    entry.quantity,
    entry.description
FROM named
JOIN operations.entry
    ON entry.company = %(company)s::text AND entry.entry_id = named.entry_id
JOIN operations.project
    ON project.company = %(company)s::text AND project.project_id = entry.project_id
LEFT JOIN operations.resource
    ON resource.company = %(company)s::text AND resource.resource_id = entry.resource_id
WHERE entry.entry_id > %(after)s::bigint
ORDER BY entry.entry_id
LIMIT %(rows_max)s::bigint;

-- name: list_lines
-- The actual of a line is known by its place in the block of the confirmation.
SELECT
    line.line_number,
    line.transaction_type::text AS transaction_type,
    line.class::text AS cls,
    line.transaction_date AS work_on,
    project.number AS project_number,
    resource.name AS person,
    line.quantity,
    line.unit,
    line.price,
    line.currency,
    customer.account AS customer_account,
    line.description,
    coalesce(role.name, category.name) AS role_or_category,
    journal.first_actual_id + line.line_number - 1 AS actual_id,
    reversal.actual_id IS NOT NULL AS is_cancelled
FROM operations.journal
JOIN operations.entry_journal_line AS line
    ON line.company = %(company)s::text AND line.journal_id = journal.journal_id
JOIN operations.project
    ON project.company = %(company)s::text AND project.project_id = line.project_id
LEFT JOIN operations.resource
    ON resource.company = %(company)s::text AND resource.resource_id = line.resource_id
LEFT JOIN operations.role ON role.role_id = line.role_id
LEFT JOIN operations.transaction_category AS category ON category.category_id = line.category_id
LEFT JOIN operations.customer
    ON customer.company = %(company)s::text AND customer.customer_id = line.customer_id
LEFT JOIN operations.actual AS reversal
    ON
        reversal.company = %(company)s::text
        AND reversal.reverses_id = journal.first_actual_id + line.line_number - 1
WHERE
    journal.company = %(company)s::text
    AND journal.journal_id = %(journal_id)s::bigint
    AND line.line_number > %(after)s::bigint
ORDER BY line.line_number
LIMIT %(rows_max)s::bigint;
