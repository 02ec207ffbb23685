-- name: ask
INSERT INTO pg_temp.asked_estimate (contract_line_id, estimated_through, is_complete)
SELECT
    contract_line_id,
    estimated_through,
    is_complete
FROM finance.estimate_draft
WHERE company = %(company)s::text;

-- name: find_outdated
-- A draft is posted as it was looked at, or not at all.
INSERT INTO pg_temp.estimate_problem (contract_line_id, code, field, value)
SELECT
    draft.contract_line_id,
    'ERR-F85',
    'percent',
    trim_scale(draft.percent)::text
FROM finance.estimate_draft AS draft
LEFT JOIN pg_temp.estimated_line AS line ON line.contract_line_id = draft.contract_line_id
LEFT JOIN pg_temp.calculated_estimate AS found ON found.contract_line_id = draft.contract_line_id
WHERE
    draft.company = %(company)s::text
    AND (
        found.code IS NOT NULL
        OR (
            draft.profile, draft.template, draft.percent, draft.counted_amount, draft.total_amount,
            draft.contract_amount, draft.accrued_amount, draft.moved_amount, draft.cost_count
        ) IS DISTINCT FROM (
            line.profile, line.template, found.percent, found.counted_amount, found.total_amount,
            found.contract_amount, found.accrued_amount, found.moved_amount, found.cost_count
        )
    );

-- name: fill_accrued
INSERT INTO pg_temp.estimate_leg (contract_line_id, posting_type, category_number, amount, is_own)
SELECT
    line.contract_line_id,
    side.posting_type::finance.posting_type,
    line.sales_value_category,
    side.direction * found.accrued_amount,
    true
FROM pg_temp.calculated_estimate AS found
JOIN pg_temp.estimated_line AS line ON line.contract_line_id = found.contract_line_id
CROSS JOIN (VALUES (1, 'wip_sales_value'), (-1, 'accrued_revenue')) AS side (direction, posting_type)
WHERE found.accrued_amount <> 0;

-- name: fill_moved
-- A cost leaves the account it was posted to, with its dimensions and its amount in every currency.
WITH moved AS (
    SELECT
        cost.*,
        CASE
            WHEN cost.cost_type <> 'cost' THEN 'cost'
            WHEN cost.class = 'material' THEN 'wip_cost_value_item'
            ELSE 'wip_cost_value'
        END::finance.posting_type AS other_type
    FROM pg_temp.posted_cost AS cost
    JOIN pg_temp.estimated_line AS line ON line.contract_line_id = cost.contract_line_id
    WHERE
        cost.taken_number IS NULL
        AND (cost.cost_type = 'cost') = (line.completion = 'completed_contract')
)

INSERT INTO pg_temp.estimate_leg (
    contract_line_id, posting_type, category_number, class, customer_id, tax_group, account, dimension_set_id,
    amount, reporting_amount, is_back
)
SELECT
    moved.contract_line_id,
    side.posting_type,
    moved.category_number,
    moved.class,
    moved.customer_id,
    moved.tax_group,
    side.account,
    moved.dimension_set_id,
    sum(side.direction * moved.amount),
    sum(side.direction * moved.reporting_amount),
    side.direction < 0
FROM moved
CROSS JOIN
    LATERAL (
        VALUES (1, moved.other_type, NULL), (-1, moved.cost_type, moved.cost_account)
    ) AS side (direction, posting_type, account)
GROUP BY
    moved.contract_line_id, side.direction, side.posting_type, moved.category_number, moved.class, moved.customer_id,
    moved.tax_group, side.account, moved.dimension_set_id;

-- name: add_estimates
INSERT INTO finance.estimate (
    company, voucher, contract_line_id, estimate_number, kind, estimated_through, profile, template, percent,
    counted_amount, total_amount, contract_amount, accrued_amount, moved_amount, posted_by, posted_at
)
SELECT
    %(company)s::text,
    numbered.voucher,
    line.contract_line_id,
    line.estimate_count + 1,
    'estimate',
    line.estimated_through,
    line.profile,
    line.template,
    found.percent,
    found.counted_amount,
    found.total_amount,
    found.contract_amount,
    found.accrued_amount,
    found.moved_amount,
    %(actor)s::text,
    %(at)s::timestamptz
FROM pg_temp.numbered_estimate AS numbered
JOIN pg_temp.estimated_line AS line ON line.contract_line_id = numbered.contract_line_id
JOIN pg_temp.calculated_estimate AS found ON found.contract_line_id = numbered.contract_line_id;

-- name: add_costs
INSERT INTO finance.estimated_cost (company, actual_id, voucher)
SELECT
    %(company)s::text,
    cost.actual_id,
    numbered.voucher
FROM pg_temp.numbered_estimate AS numbered
JOIN pg_temp.posted_cost AS cost ON cost.contract_line_id = numbered.contract_line_id
WHERE cost.taken_number IS NULL
ORDER BY cost.actual_id;

-- name: read_posted
SELECT
    line.number,
    estimate.voucher,
    estimate.estimated_through,
    estimate.percent,
    estimate.accrued_amount,
    estimate.moved_amount
FROM pg_temp.numbered_estimate AS numbered
JOIN pg_temp.estimated_line AS line ON line.contract_line_id = numbered.contract_line_id
JOIN finance.estimate
    ON estimate.company = %(company)s::text AND estimate.voucher = numbered.voucher
ORDER BY numbered.contract_line_id;
