-- name: take_job
-- One run of a company at a time. The lock ends with the session, however that ends.
SELECT pg_try_advisory_lock(hashtextextended('operations.bulk_confirmation/' || %(company)s::text, 0)) AS is_taken;

-- name: not_open
-- Of those asked for, what has been confirmed, or is gone (no number).
SELECT
    asked.proforma_id,
    proforma.number,
    proforma.state::text AS state
FROM unnest(%(proforma_ids)s::bigint[]) AS asked (proforma_id)
LEFT JOIN operations.proforma
    ON proforma.company = %(company)s::text AND proforma.proforma_id = asked.proforma_id
WHERE coalesce(proforma.state NOT IN ('draft', 'in_review'), true)
ORDER BY asked.proforma_id;

-- name: schedule
-- The lock lets a confirmation that is under way end first: what it confirmed is not scheduled.
-- Whatever an earlier run left behind begins anew.
WITH open AS (
    SELECT proforma_id
    FROM operations.proforma
    WHERE
        company = %(company)s::text
        AND proforma_id = any(%(proforma_ids)s::bigint[])
        AND state IN ('draft', 'in_review')
    ORDER BY proforma_id
    FOR SHARE
)

INSERT INTO operations.bulk_confirmation (company, proforma_id, state, scheduled_by, scheduled_at)
SELECT
    %(company)s::text,
    open.proforma_id,
    'scheduled',
    %(actor)s::text,
    %(at)s::timestamptz
FROM open
ON CONFLICT (company, proforma_id) DO UPDATE
    SET
        state = excluded.state,
        reasons = NULL,
        scheduled_by = excluded.scheduled_by,
        scheduled_at = excluded.scheduled_at
RETURNING proforma_id;

-- name: begin
UPDATE operations.bulk_confirmation
SET state = 'processing'
WHERE
    company = %(company)s::text
    AND proforma_id = any(%(proforma_ids)s::bigint[])
    AND state = 'scheduled';

-- name: record_failure
-- One that was confirmed all the same is complete, and stays so.
UPDATE operations.bulk_confirmation
SET state = 'failed', reasons = %(reasons)s::text[]
WHERE
    company = %(company)s::text
    AND proforma_id = %(proforma_id)s::bigint
    AND state = 'processing';
