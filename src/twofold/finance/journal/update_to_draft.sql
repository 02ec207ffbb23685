-- name: lock_journal
SELECT
    number,
    state::text AS state
FROM finance.journal
WHERE company = %(company)s::text AND journal_id = %(journal_id)s::bigint
FOR UPDATE;

-- name: reopen_journal
UPDATE finance.journal
SET state = 'draft'
WHERE company = %(company)s::text AND journal_id = %(journal_id)s::bigint;

-- name: reopen_lines
UPDATE finance.journal_line
SET
    state = 'draft',
    code = NULL,
    field = NULL,
    value = NULL
WHERE company = %(company)s::text AND journal_id = %(journal_id)s::bigint;
