-- name: list_projects
WITH estimated AS (
    SELECT
        contract_line_id,
        max(estimate_number) AS last_number,
        sum(accrued_amount) AS accrued_amount,
        sum(moved_amount) AS moved_amount
    FROM finance.standing_estimate
    WHERE company = %(company)s::text
    GROUP BY contract_line_id
),

forecast AS (
    SELECT
        contract_line_id,
        sum(amount) AS forecast_amount
    FROM finance.cost_forecast
    WHERE company = %(company)s::text
    GROUP BY contract_line_id
),

shown AS (
    SELECT
        estimate_project.number,
        estimate_project.name,
        project.number AS project_number,
        draft.accrued_amount AS draft_accrued_amount,
        draft.moved_amount AS draft_moved_amount,
        forecast.forecast_amount,
        CASE
            WHEN draft.contract_line_id IS NOT NULL THEN 'draft'
            WHEN last.kind = 'elimination' THEN 'eliminated'
            WHEN last.kind IS NOT NULL THEN 'estimated'
            ELSE 'none'
        END AS state,
        coalesce(draft.estimated_through, last.estimated_through) AS estimated_through,
        coalesce(draft.percent, last.percent) AS percent,
        coalesce(draft.contract_amount, last.contract_amount) AS contract_amount,
        coalesce(estimated.accrued_amount, 0) AS accrued_amount,
        coalesce(estimated.moved_amount, 0) AS moved_amount
    FROM finance.estimate_project
    JOIN finance.project
        ON project.company = %(company)s::text AND project.project_id = estimate_project.project_id
    LEFT JOIN finance.estimate_draft AS draft
        ON draft.company = %(company)s::text AND draft.contract_line_id = estimate_project.contract_line_id
    LEFT JOIN estimated ON estimated.contract_line_id = estimate_project.contract_line_id
    LEFT JOIN finance.estimate AS last
        ON
            last.company = %(company)s::text
            AND last.contract_line_id = estimated.contract_line_id
            AND last.estimate_number = estimated.last_number
    LEFT JOIN forecast ON forecast.contract_line_id = estimate_project.contract_line_id
    WHERE
        estimate_project.company = %(company)s::text
        AND estimate_project.number > %(after)s::text
        AND (%(number)s::text IS NULL OR estimate_project.number = %(number)s::text)
)

SELECT
    number,
    name,
    project_number,
    state,
    estimated_through,
    percent,
    contract_amount,
    accrued_amount,
    moved_amount,
    draft_accrued_amount,
    draft_moved_amount,
    forecast_amount
FROM shown
WHERE %(state)s::text IS NULL OR state = %(state)s::text
ORDER BY number
LIMIT %(rows_max)s::integer;

-- name: find_project
SELECT contract_line_id
FROM finance.estimate_project
WHERE company = %(company)s::text AND number = %(number)s::text;

-- name: list_estimates
SELECT
    estimate.voucher,
    estimate.kind::text AS kind,
    estimate.estimated_through,
    estimate.percent,
    estimate.counted_amount,
    estimate.total_amount,
    estimate.contract_amount,
    estimate.accrued_amount,
    estimate.moved_amount,
    estimate.variance_amount,
    estimate.posted_by,
    estimate.posted_at,
    reversal.voucher AS reversed_by_voucher
FROM finance.estimate_project
JOIN finance.estimate
    ON
        estimate.company = %(company)s::text
        AND estimate.contract_line_id = estimate_project.contract_line_id
LEFT JOIN finance.estimate_reversal AS reversal
    ON reversal.company = %(company)s::text AND reversal.reversed_voucher = estimate.voucher
WHERE estimate_project.company = %(company)s::text AND estimate_project.number = %(number)s::text
ORDER BY estimate.estimate_number;

-- name: list_periods
SELECT
    period,
    name
FROM finance.estimate_period
WHERE company = %(company)s::text
ORDER BY period;
