-- Jobs that ended long ago are removed with what they declined; nothing else of them ever is.
GRANT DELETE ON jobs.job, jobs.refusal TO twofold_jobs;

-- Query: jobs that ended before a day.
CREATE INDEX job_by_end ON jobs.job (ended_at) WHERE ended_at IS NOT NULL;
