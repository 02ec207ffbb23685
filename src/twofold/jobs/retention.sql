-- name: refusals
DELETE FROM jobs.refusal
USING jobs.job
WHERE
    job.company = refusal.company
    AND job.job_id = refusal.job_id
    AND job.ended_at <= %(before)s::timestamptz;

-- name: jobs
DELETE FROM jobs.job
WHERE ended_at <= %(before)s::timestamptz;
