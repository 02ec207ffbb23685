-- name: lock_journal
-- A closed journal can be read, and not locked; so can one that somebody closed while we waited.
WITH locked AS (
    SELECT journal_id
    FROM operations.journal
    WHERE company = %(company)s::text AND journal_id = %(journal_id)s::bigint
    FOR UPDATE
)

SELECT locked.journal_id IS NOT NULL AS is_open
FROM operations.journal
LEFT JOIN locked ON locked.journal_id = journal.journal_id
WHERE
    journal.company = %(company)s::text
    AND journal.journal_id = %(journal_id)s::bigint
    AND journal.kind = %(kind)s::operations.journal_kind;

-- name: close_journal
UPDATE operations.journal
SET
    state = %(state)s::operations.journal_state,
    closed_by = %(actor)s::text,
    closed_at = %(at)s::timestamptz,
    change_set_id = %(set_id)s::bigint,
    first_actual_id = %(first_key)s::bigint,
    last_actual_id = %(last_key)s::bigint
WHERE company = %(company)s::text AND journal_id = %(journal_id)s::bigint;

-- name: release_actuals
-- What a correction journal was about is In Process no more.
DELETE FROM operations.actual_in_process
WHERE company = %(company)s::text AND journal_id = %(journal_id)s::bigint;
