-- name: take_job
-- One job of a company at a time. The lock ends with the session, however that ends.
SELECT pg_try_advisory_lock(hashtextextended('operations.schedules/' || %(company)s::text, 0)) AS is_taken;

-- name: list_due
-- Missed days come first, so that nothing of a later cutoff is on an earlier draft.
SELECT DISTINCT
    planned_run.run_date,
    planned_run.contract_id,
    contract.number AS contract_number
FROM operations.contract_line_schedule AS planned_run
JOIN operations.contract
    ON contract.company = %(company)s::text AND contract.contract_id = planned_run.contract_id
WHERE
    planned_run.company = %(company)s::text
    AND planned_run.state = 'not_run'
    AND planned_run.run_date <= %(today)s::date
ORDER BY planned_run.run_date, planned_run.contract_id;

-- name: lock_contracts
-- As every creation of drafts does, so that rows are read when nobody else can run them.
SELECT contract_id
FROM operations.contract
WHERE company = %(company)s::text AND contract_id = any(%(contract_ids)s::bigint[])
ORDER BY contract_id
FOR UPDATE;

-- name: lock_due
-- Work is taken up to the day before the run, milestones up to the day itself.
SELECT
    planned_run.contract_id,
    planned_run.contract_line_id,
    CASE agreed.billing_method WHEN 'fixed_price' THEN planned_run.run_date ELSE planned_run.cutoff_date END AS cutoff
FROM operations.contract_line_schedule AS planned_run
JOIN operations.contract_line AS agreed
    ON agreed.company = %(company)s::text AND agreed.contract_line_id = planned_run.contract_line_id
WHERE
    planned_run.company = %(company)s::text
    AND planned_run.contract_id = any(%(contract_ids)s::bigint[])
    AND planned_run.run_date = %(run_date)s::date
    AND planned_run.state = 'not_run'
ORDER BY planned_run.contract_id, planned_run.contract_line_id
FOR UPDATE OF planned_run;

-- name: record
-- A row failed if what it was to bill is still ready.
WITH ran AS (
    SELECT
        contract_id,
        first_proforma_id,
        last_proforma_id,
        message
    FROM
        unnest(
            %(contract_ids)s::bigint[], %(first_proforma_ids)s::bigint[], %(last_proforma_ids)s::bigint[],
            %(messages)s::text[]
        ) AS one (contract_id, first_proforma_id, last_proforma_id, message)
),

stuck AS (
    SELECT contract_id
    FROM ran
    WHERE message IS NOT NULL
),

held AS (
    SELECT
        item.contract_line_id,
        item.transaction_date
    FROM operations.backlog_item AS item
    WHERE
        item.company = %(company)s::text
        AND item.contract_id IN (SELECT stuck.contract_id FROM stuck)
        AND item.state = 'ready'
        AND item.transaction_date < %(run_date)s::date
    UNION ALL
    SELECT
        milestone.contract_line_id,
        milestone.milestone_date
    FROM operations.milestone
    WHERE
        milestone.company = %(company)s::text
        AND milestone.contract_id IN (SELECT stuck.contract_id FROM stuck)
        AND milestone.state = 'ready'
        AND milestone.milestone_date <= %(run_date)s::date
),

recorded AS (
    UPDATE operations.contract_line_schedule AS planned_run
    SET
        state = CASE WHEN failed.is_held THEN 'failed' ELSE 'successful' END::operations.invoice_run_state,
        message = CASE WHEN failed.is_held THEN ran.message END,
        first_proforma_id = ran.first_proforma_id,
        last_proforma_id = ran.last_proforma_id,
        run_at = %(at)s::timestamptz
    FROM ran
    JOIN operations.contract_line AS agreed
        ON agreed.company = %(company)s::text AND agreed.contract_id = ran.contract_id
    CROSS JOIN
        LATERAL (VALUES (agreed.contract_line_id IN (SELECT held.contract_line_id FROM held))) AS failed (is_held)
    WHERE
        planned_run.company = %(company)s::text
        AND planned_run.contract_id = ran.contract_id
        AND planned_run.contract_line_id = agreed.contract_line_id
        AND planned_run.contract_line_id = any(%(line_ids)s::bigint[])
        AND planned_run.run_date = %(run_date)s::date
        AND planned_run.state = 'not_run'
    RETURNING planned_run.state
)

SELECT
    count(*) FILTER (WHERE state = 'successful') AS successful_count,
    count(*) FILTER (WHERE state = 'failed') AS failed_count
FROM recorded;

-- name: record_failure
UPDATE operations.contract_line_schedule
SET state = 'failed', message = %(message)s::text, run_at = %(at)s::timestamptz
WHERE
    company = %(company)s::text
    AND contract_id = %(contract_id)s::bigint
    AND run_date = %(run_date)s::date
    AND state = 'not_run';
