-- name: lock_approvals
-- A decision, a recall and a change of one approval wait for each other.
WITH locked AS (
    SELECT entry_id
    FROM operations.approval
    WHERE company = %(company)s::text AND entry_id = any(%(entry_ids)s::bigint[])
    ORDER BY entry_id
    FOR UPDATE
)

SELECT count(*) AS locked_count
FROM locked;

-- name: lock_entries
-- Two requests about one approved entry, or two submissions of one draft, wait for each other.
WITH locked AS (
    SELECT entry_id
    FROM operations.entry
    WHERE company = %(company)s::text AND entry_id = any(%(entry_ids)s::bigint[])
    ORDER BY entry_id
    FOR UPDATE
)

SELECT count(*) AS locked_count
FROM locked;

-- name: find_others
-- Of the entries asked for, those that are in another state, or that do not exist (no state).
SELECT
    given.entry_id,
    entry.state::text AS state
FROM unnest(%(entry_ids)s::bigint[]) AS given (entry_id)
LEFT JOIN operations.entry
    ON entry.company = %(company)s::text AND entry.entry_id = given.entry_id
WHERE entry.entry_id IS NULL OR NOT entry.state::text = any(%(states)s::text[])
ORDER BY given.entry_id;

-- name: move_entries
UPDATE operations.entry
SET state = CASE class WHEN 'time' THEN %(time_state)s::text ELSE %(other_state)s::text END::operations.entry_state
WHERE company = %(company)s::text AND entry_id = any(%(entry_ids)s::bigint[]);

-- name: resubmit_entries
-- As they were before they were approved: their actuals are theirs no longer.
UPDATE operations.entry
SET
    state = 'submitted',
    first_actual_id = NULL,
    last_actual_id = NULL
WHERE company = %(company)s::text AND entry_id = any(%(entry_ids)s::bigint[]);
