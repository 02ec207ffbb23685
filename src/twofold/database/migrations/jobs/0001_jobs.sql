-- Long work that people ask for in the pages: a row per job, taken by workers, kept when it has
-- ended. Kept beside the operations book; what a job does, it does through the books' processes.

CREATE SCHEMA jobs;

-- asked: what the job is to do, as a document whose type is the kind (twofold.jobs.orders).
-- token and lease_until: the worker that has it; whoever holds another token has lost the job.
-- Times are of this server's clock.
CREATE TABLE jobs.job (
    company text NOT NULL,
    job_id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT job_number_is_used_once UNIQUE,
    kind text NOT NULL CHECK (kind IN (
        'confirm_proformas', 'create_proformas', 'create_scheduled', 'import_entries', 'import_payments',
        'import_staging', 'post_journals', 'post_proposals', 'reconcile', 'repair'
    )),
    asked jsonb NOT NULL CONSTRAINT asked_is_of_its_kind CHECK (asked ->> 'kind' = kind),
    actor text NOT NULL,
    came_from text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    due_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    state text NOT NULL DEFAULT 'waiting'
    CHECK (state IN ('waiting', 'running', 'done', 'refused', 'failed', 'cancelled')),
    attempt_count integer NOT NULL DEFAULT 0 CHECK (attempt_count >= 0),
    started_at timestamptz,
    token uuid,
    lease_until timestamptz,
    done_count bigint NOT NULL DEFAULT 0 CHECK (done_count >= 0),
    total_count bigint CHECK (total_count >= 0),
    cancelled_by text,
    ended_at timestamptz,
    seen_at timestamptz,
    made_count bigint NOT NULL DEFAULT 0 CHECK (made_count >= 0),
    refusal_count bigint NOT NULL DEFAULT 0 CHECK (refusal_count >= 0),
    result text NOT NULL DEFAULT '',
    problem text NOT NULL DEFAULT '',
    PRIMARY KEY (company, job_id),
    CONSTRAINT running_job_has_a_worker
    CHECK ((state = 'running') = (token IS NOT NULL) AND (token IS NULL) = (lease_until IS NULL)),
    CONSTRAINT ended_job_says_when CHECK ((state IN ('waiting', 'running')) = (ended_at IS NULL)),
    CONSTRAINT only_an_ended_job_is_seen CHECK (seen_at IS NULL OR ended_at IS NOT NULL),
    CONSTRAINT refused_job_says_why CHECK (state <> 'refused' OR refusal_count > 0)
);

-- Jobs of a kind would only wait for each other inside a company.
CREATE UNIQUE INDEX one_job_of_a_kind_runs_in_a_company ON jobs.job (company, kind) WHERE state = 'running';

-- Query: the next job for a worker.
CREATE INDEX job_to_take ON jobs.job (due_at, job_id) WHERE state IN ('waiting', 'running');

-- Query: the jobs of a person, newest first.
CREATE INDEX job_of_person ON jobs.job (actor, job_id DESC);

-- Query: how many jobs of a person ended that they have not looked at.
CREATE INDEX job_not_seen ON jobs.job (actor) WHERE ended_at IS NOT NULL AND seen_at IS NULL;

-- What a job declined, row by row, with the way out. Only ever added to.
CREATE TABLE jobs.refusal (
    company text NOT NULL,
    job_id bigint NOT NULL,
    position integer NOT NULL CHECK (position > 0),
    code text NOT NULL,
    record text NOT NULL,
    field text NOT NULL,
    value text NOT NULL,
    reason text NOT NULL,
    remedy text NOT NULL,
    PRIMARY KEY (company, job_id, position),
    FOREIGN KEY (company, job_id) REFERENCES jobs.job (company, job_id)
);

GRANT USAGE ON SCHEMA jobs TO twofold_jobs, twofold_auditor;
GRANT SELECT ON jobs.job, jobs.refusal TO twofold_jobs, twofold_auditor;
GRANT INSERT (company, kind, asked, actor, came_from) ON jobs.job TO twofold_jobs;
GRANT UPDATE (
    due_at, state, attempt_count, started_at, token, lease_until, done_count, total_count, cancelled_by, ended_at,
    seen_at, made_count, refusal_count, result, problem
) ON jobs.job TO twofold_jobs;
GRANT INSERT ON jobs.refusal TO twofold_jobs;
