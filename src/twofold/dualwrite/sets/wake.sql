-- name: wake
-- Only what is not due already changes; a set that is being delivered keeps its lease.
UPDATE dualwrite.pending
SET
    state = 'waiting',
    next_attempt_at = NULL
WHERE
    (%(company)s::text IS NULL OR company = %(company)s::text)
    AND state::text = any(%(states)s::text[])
    AND (state <> 'waiting' OR next_attempt_at IS NOT NULL);
