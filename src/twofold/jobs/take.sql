-- The job that is due for longest, if none of its kind is running in its company; or one whose
-- worker has not been heard of. Workers pass by what another one is taking.
-- name: take
WITH candidate AS (
    SELECT job.job_id
    FROM jobs.job
    WHERE
        (
            (job.state = 'waiting' AND job.due_at <= clock_timestamp())
            OR (job.state = 'running' AND job.lease_until < clock_timestamp())
        )
        AND NOT EXISTS (
            SELECT
            FROM jobs.job AS other
            WHERE
                other.company = job.company
                AND other.kind = job.kind
                AND other.state = 'running'
                AND other.job_id <> job.job_id
        )
    ORDER BY job.due_at, job.job_id
    LIMIT 1
    FOR UPDATE OF job SKIP LOCKED
)

UPDATE jobs.job
SET
    state = 'running',
    token = gen_random_uuid(),
    lease_until = clock_timestamp() + %(lease)s::interval,
    attempt_count = job.attempt_count + 1,
    started_at = clock_timestamp(),
    done_count = 0,
    total_count = NULL
FROM candidate
WHERE job.job_id = candidate.job_id
RETURNING
    job.job_id,
    job.company,
    job.asked::text AS asked,
    job.actor,
    job.attempt_count,
    job.token,
    job.cancelled_by IS NOT NULL AS is_cancelled;

-- name: tell
UPDATE jobs.job
SET
    lease_until = clock_timestamp() + %(lease)s::interval,
    done_count = %(done)s::bigint,
    total_count = %(total)s::bigint
WHERE job_id = %(job_id)s::bigint AND token = %(token)s::uuid
RETURNING cancelled_by IS NOT NULL AS is_cancelled;

-- name: end
UPDATE jobs.job
SET
    state = %(state)s::text,
    token = NULL,
    lease_until = NULL,
    ended_at = clock_timestamp(),
    done_count = %(done)s::bigint,
    made_count = %(made)s::bigint,
    refusal_count = %(refused)s::bigint,
    result = %(result)s::text,
    problem = %(problem)s::text
WHERE job_id = %(job_id)s::bigint AND token = %(token)s::uuid;

-- name: keep_refusals
INSERT INTO jobs.refusal (company, job_id, position, code, record, field, value, reason, remedy)
SELECT
    %(company)s::text,
    %(job_id)s::bigint,
    row_number() OVER (),
    one.code,
    one.record,
    one.field,
    one.value,
    one.reason,
    one.remedy
FROM unnest(
    %(codes)s::text[], %(records)s::text[], %(fields)s::text[], %(values)s::text[], %(reasons)s::text[],
    %(remedies)s::text[]
) AS one (code, record, field, value, reason, remedy);

-- name: put_back
UPDATE jobs.job
SET
    state = 'waiting',
    token = NULL,
    lease_until = NULL,
    due_at = clock_timestamp() + %(wait)s::interval,
    attempt_count = attempt_count - %(uncounted)s::integer
WHERE job_id = %(job_id)s::bigint AND token = %(token)s::uuid;
