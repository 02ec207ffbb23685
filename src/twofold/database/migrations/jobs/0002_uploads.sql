-- Files that people gave to jobs in the pages: kept for a month, so that what a job declined can be
-- corrected, and the same file be tried again with other answers.

CREATE TABLE jobs.upload (
    company text NOT NULL,
    upload_id bigint GENERATED ALWAYS AS IDENTITY,
    file text NOT NULL CONSTRAINT upload_has_a_name CHECK (file <> ''),
    content bytea NOT NULL,
    actor text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (company, upload_id)
);

-- Query: uploads that are too old to keep.
CREATE INDEX upload_by_age ON jobs.upload (created_at);

GRANT SELECT, DELETE ON jobs.upload TO twofold_jobs;
GRANT INSERT (company, file, content, actor) ON jobs.upload TO twofold_jobs;
