-- name: add
INSERT INTO jobs.job (company, kind, asked, actor, came_from)
VALUES (%(company)s::text, %(kind)s::text, %(asked)s::jsonb, %(actor)s::text, %(came_from)s::text)
RETURNING job_id;

-- What waits has not begun: it ends here. What runs is told, and ends between two of its steps.
-- name: cancel
UPDATE jobs.job
SET
    cancelled_by = %(actor)s::text,
    state = CASE WHEN state = 'waiting' THEN 'cancelled' ELSE state END,
    ended_at = CASE WHEN state = 'waiting' THEN clock_timestamp() END,
    seen_at = CASE WHEN state = 'waiting' AND actor = %(actor)s::text THEN clock_timestamp() END
WHERE job_id = %(job_id)s::bigint AND ended_at IS NULL
RETURNING state;

-- name: state
SELECT state
FROM jobs.job
WHERE job_id = %(job_id)s::bigint;

-- name: see
UPDATE jobs.job
SET seen_at = clock_timestamp()
WHERE
    job_id = %(job_id)s::bigint
    AND actor = %(actor)s::text
    AND ended_at IS NOT NULL
    AND seen_at IS NULL;
