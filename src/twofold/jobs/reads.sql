-- name: list
SELECT
    job_id,
    company,
    kind,
    asked::text AS asked,
    actor,
    came_from,
    created_at,
    state,
    attempt_count,
    started_at,
    done_count,
    total_count,
    cancelled_by,
    ended_at,
    seen_at,
    made_count,
    refusal_count,
    result,
    problem
FROM jobs.job
WHERE
    (%(actor)s::text IS NULL OR actor = %(actor)s::text)
    AND (%(state)s::text IS NULL OR state = %(state)s::text)
    AND (%(kind)s::text IS NULL OR kind = %(kind)s::text)
    AND (%(companies)s::text[] IS NULL OR company = any(%(companies)s::text[]))
    AND (%(before_id)s::bigint IS NULL OR job_id < %(before_id)s::bigint)
ORDER BY job_id DESC
LIMIT %(rows_max)s::integer;

-- name: show
SELECT
    job_id,
    company,
    kind,
    asked::text AS asked,
    actor,
    came_from,
    created_at,
    state,
    attempt_count,
    started_at,
    done_count,
    total_count,
    cancelled_by,
    ended_at,
    seen_at,
    made_count,
    refusal_count,
    result,
    problem
FROM jobs.job
WHERE job_id = %(job_id)s::bigint;

-- name: refusals
SELECT
    code,
    record,
    field,
    value,
    reason,
    remedy
FROM jobs.refusal
WHERE
    company = %(company)s::text
    AND job_id = %(job_id)s::bigint
    AND position > %(after)s::integer
ORDER BY position
LIMIT %(rows_max)s::integer;

-- name: of_person
SELECT
    (
        SELECT count(*)
        FROM jobs.job
        WHERE actor = %(actor)s::text AND ended_at IS NOT NULL AND seen_at IS NULL
    ) AS ended_count,
    array(
        SELECT job_id
        FROM jobs.job
        WHERE actor = %(actor)s::text AND state IN ('waiting', 'running')
        ORDER BY job_id DESC
        LIMIT %(jobs_max)s::integer
    ) AS under_way;

-- name: ended
SELECT
    job_id,
    company,
    kind,
    asked::text AS asked,
    actor,
    came_from,
    created_at,
    state,
    attempt_count,
    started_at,
    done_count,
    total_count,
    cancelled_by,
    ended_at,
    seen_at,
    made_count,
    refusal_count,
    result,
    problem
FROM jobs.job
WHERE
    job_id = any(%(job_ids)s::bigint[])
    AND actor = %(actor)s::text
    AND ended_at IS NOT NULL
ORDER BY ended_at;
