-- name: lock_journal
-- The lock keeps everyone else from adding, changing or posting lines of this journal.
SELECT
    number,
    state::text AS state
FROM finance.journal
WHERE company = %(company)s::text AND journal_id = %(journal_id)s::bigint
FOR UPDATE;
