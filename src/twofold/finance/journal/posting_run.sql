-- name: add_run
INSERT INTO finance.posting_run (company, started_by, started_at, worker_count)
VALUES (%(company)s::text, %(actor)s::text, %(at)s::timestamptz, %(worker_count)s::integer)
RETURNING posting_run_id;

-- name: list_journals
-- Drafts only, never what is in error (spec P19.4); a journal named by number is listed anyway, so
-- that the run can tell why it was not posted.
INSERT INTO finance.posting_run_journal (company, posting_run_id, journal_id)
SELECT
    journal.company,
    %(posting_run_id)s::bigint,
    journal.journal_id
FROM finance.journal
LEFT JOIN finance.journal AS original
    ON original.company = %(company)s::text AND original.journal_id = journal.original_journal_id
WHERE
    journal.company = %(company)s::text
    AND CASE
        WHEN %(journal_ids)s::bigint[] IS NOT NULL THEN journal.journal_id = any(%(journal_ids)s::bigint[])
        ELSE journal.state = 'draft'
    END
    AND (%(period_start)s::date IS NULL OR journal.period_start = %(period_start)s::date)
    AND (%(original_number)s::text IS NULL OR original.number = %(original_number)s::text);

-- name: take_journal
WITH next AS (
    SELECT journal_id
    FROM finance.posting_run_journal
    WHERE
        company = %(company)s::text
        AND posting_run_id = %(posting_run_id)s::bigint
        AND state = 'waiting'
    ORDER BY journal_id
    LIMIT 1
    FOR UPDATE SKIP LOCKED
),

taken AS (
    UPDATE finance.journal
    SET state = 'processing'
    FROM next
    WHERE
        journal.company = %(company)s::text
        AND journal.journal_id = next.journal_id
        AND journal.state = 'draft'
    RETURNING journal.journal_id
)

UPDATE finance.posting_run_journal AS step
SET
    state = (CASE WHEN taken.journal_id IS NULL THEN 'refused' ELSE 'processing' END)::finance.posting_step,
    begun_at = %(at)s::timestamptz,
    ended_at = CASE WHEN taken.journal_id IS NULL THEN %(at)s::timestamptz END,
    code = CASE WHEN taken.journal_id IS NULL THEN 'ERR-J09' END
FROM next
LEFT JOIN taken ON taken.journal_id = next.journal_id
WHERE
    step.company = %(company)s::text
    AND step.posting_run_id = %(posting_run_id)s::bigint
    AND step.journal_id = next.journal_id
RETURNING
    step.journal_id,
    step.state = 'processing' AS is_taken;

-- name: note_done
UPDATE finance.posting_run_journal
SET
    state = 'done',
    ended_at = %(at)s::timestamptz,
    posted_count = %(posted_count)s::bigint,
    refused_count = %(refused_count)s::bigint
WHERE
    company = %(company)s::text
    AND posting_run_id = %(posting_run_id)s::bigint
    AND journal_id = %(journal_id)s::bigint
    AND state = 'processing';

-- name: give_back
-- Only what this run still holds: someone may have taken the journal back to draft meanwhile.
UPDATE finance.journal
SET state = 'draft'
FROM finance.posting_run_journal AS step
WHERE
    journal.company = %(company)s::text
    AND journal.journal_id = %(journal_id)s::bigint
    AND journal.state = 'processing'
    AND step.company = %(company)s::text
    AND step.posting_run_id = %(posting_run_id)s::bigint
    AND step.journal_id = journal.journal_id
    AND step.state = 'processing';

-- name: note_refused
UPDATE finance.posting_run_journal
SET
    state = 'refused',
    ended_at = %(at)s::timestamptz,
    code = %(code)s::text
WHERE
    company = %(company)s::text
    AND posting_run_id = %(posting_run_id)s::bigint
    AND journal_id = %(journal_id)s::bigint
    AND state = 'processing';

-- name: read_progress
WITH page AS (
    SELECT
        posting_run_id,
        started_by,
        started_at,
        worker_count
    FROM finance.posting_run
    WHERE company = %(company)s::text
    ORDER BY posting_run_id DESC
    LIMIT %(rows_max)s::integer
)

SELECT
    page.posting_run_id,
    page.started_by,
    page.started_at,
    page.worker_count,
    count(step.journal_id) AS journal_count,
    count(*) FILTER (WHERE step.state = 'waiting') AS waiting_count,
    count(*) FILTER (WHERE step.state = 'processing') AS processing_count,
    count(*) FILTER (WHERE step.state = 'done') AS done_count,
    count(*) FILTER (WHERE step.state IN ('refused', 'given_up')) AS refused_count,
    coalesce(sum(step.posted_count), 0)::bigint AS posted_line_count,
    coalesce(sum(step.refused_count), 0)::bigint AS refused_line_count,
    coalesce(max(greatest(step.begun_at, step.ended_at)), page.started_at) AS last_at
FROM page
LEFT JOIN finance.posting_run_journal AS step
    ON step.company = %(company)s::text AND step.posting_run_id = page.posting_run_id
GROUP BY page.posting_run_id, page.started_by, page.started_at, page.worker_count
ORDER BY page.posting_run_id DESC;
