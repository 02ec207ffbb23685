-- name: find_entries
SELECT coalesce(array_agg(DISTINCT entry_id), '{}') AS entry_ids
FROM operations.actual_in_process
WHERE company = %(company)s::text AND journal_id = %(journal_id)s::bigint;

-- name: change_entries
-- A value goes where the entry has one: a role to time, a category to everything else.
UPDATE operations.entry
SET
    project_id = coalesce(journal.project_id, entry.project_id),
    task_id = CASE WHEN journal.project_id IS NULL THEN entry.task_id ELSE journal.task_id END,
    transaction_date = coalesce(journal.transaction_date, entry.transaction_date),
    resource_id = CASE
        WHEN entry.resource_id IS NOT NULL THEN coalesce(journal.resource_id, entry.resource_id)
    END,
    role_id = CASE WHEN entry.class = 'time' THEN coalesce(journal.role_id, entry.role_id) ELSE entry.role_id END,
    category_id = CASE
        WHEN entry.class = 'time' THEN entry.category_id
        ELSE coalesce(journal.category_id, entry.category_id)
    END
FROM operations.journal
WHERE
    journal.company = %(company)s::text
    AND journal.journal_id = %(journal_id)s::bigint
    AND entry.company = %(company)s::text
    AND entry.entry_id = any(%(entry_ids)s::bigint[]);
