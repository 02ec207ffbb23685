-- name: find_unknown
SELECT
    'period' AS field,
    %(period)s::text AS value
WHERE
    NOT EXISTS (
        SELECT FROM finance.estimate_period
        WHERE company = %(company)s::text AND period = %(period)s::text
    )
UNION ALL
SELECT
    'complete',
    given.number
FROM unnest(%(numbers)s::text[]) AS given (number)
WHERE
    NOT EXISTS (
        SELECT FROM finance.estimate_project
        WHERE estimate_project.company = %(company)s::text AND estimate_project.number = given.number
    )
ORDER BY field, value;

-- name: ask
INSERT INTO pg_temp.asked_estimate (contract_line_id, estimated_through, is_complete)
SELECT
    project.contract_line_id,
    finance.estimate_end(estimate_period.every, %(day)s::date),
    project.number = any(%(numbers)s::text[])
FROM finance.estimate_project AS project
JOIN finance.estimate_period
    ON estimate_period.company = %(company)s::text AND estimate_period.period = %(period)s::text
WHERE project.company = %(company)s::text;

-- name: leave_others
-- No WIP is recognised as it is invoiced, and others are estimated in another period.
DELETE FROM pg_temp.estimated_line
WHERE completion = 'no_wip' OR period <> %(period)s::text;

-- name: delete_older
DELETE FROM finance.estimate_draft AS draft
USING pg_temp.estimated_line AS line
WHERE draft.company = %(company)s::text AND draft.contract_line_id = line.contract_line_id;

-- name: add_drafts
INSERT INTO finance.estimate_draft (
    company, contract_line_id, estimated_through, is_complete, profile, template, percent, counted_amount, total_amount,
    contract_amount, accrued_amount, moved_amount, cost_count, created_by, created_at
)
SELECT
    %(company)s::text,
    line.contract_line_id,
    line.estimated_through,
    line.is_complete,
    line.profile,
    line.template,
    found.percent,
    found.counted_amount,
    found.total_amount,
    found.contract_amount,
    found.accrued_amount,
    found.moved_amount,
    found.cost_count,
    %(actor)s::text,
    %(at)s::timestamptz
FROM pg_temp.calculated_estimate AS found
JOIN pg_temp.estimated_line AS line ON line.contract_line_id = found.contract_line_id
WHERE
    found.code IS NULL
    AND (line.last_kind IS DISTINCT FROM 'elimination' OR found.cost_count > 0);

-- name: read_created
SELECT
    line.number,
    line.estimated_through,
    found.percent,
    found.contract_amount,
    found.accrued_amount,
    found.moved_amount
FROM pg_temp.calculated_estimate AS found
JOIN pg_temp.estimated_line AS line ON line.contract_line_id = found.contract_line_id
WHERE
    found.code IS NULL
    AND (line.last_kind IS DISTINCT FROM 'elimination' OR found.cost_count > 0)
ORDER BY line.number;

-- name: read_problems
SELECT
    line.number,
    found.code,
    found.field,
    found.value
FROM pg_temp.calculated_estimate AS found
JOIN pg_temp.estimated_line AS line ON line.contract_line_id = found.contract_line_id
WHERE
    found.code IS NOT NULL
    AND (line.last_kind IS DISTINCT FROM 'elimination' OR found.cost_count > 0)
ORDER BY line.number;
