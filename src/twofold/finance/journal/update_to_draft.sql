-- name: find_journal
SELECT
    number,
    state::text AS state
FROM finance.journal
WHERE company = %(company)s::text AND journal_id = %(journal_id)s::bigint;

-- name: lock_journal
-- Whoever posts the journal holds its row until it ends, and so does the one that dies: a journal
-- that nobody holds is in nobody's hands, whatever it says.
SELECT
    number,
    state::text AS state
FROM finance.journal
WHERE company = %(company)s::text AND journal_id = %(journal_id)s::bigint
FOR UPDATE SKIP LOCKED;

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

-- name: give_up_posting
-- The worker that took it may not post it any more, should it come back.
UPDATE finance.posting_run_journal
SET
    state = 'given_up',
    ended_at = %(at)s::timestamptz
WHERE
    company = %(company)s::text
    AND journal_id = %(journal_id)s::bigint
    AND state = 'processing';
