-- name: close_approvals
DELETE FROM operations.approval
WHERE company = %(company)s::text AND entry_id = any(%(entry_ids)s::bigint[]);

-- name: erase_journal_lines
DELETE FROM operations.journal_line
WHERE company = %(company)s::text AND entry_id = any(%(entry_ids)s::bigint[]);
