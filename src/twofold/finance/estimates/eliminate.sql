-- name: ask
INSERT INTO pg_temp.asked_estimate (contract_line_id, estimated_through, is_complete)
SELECT DISTINCT
    contract_line_id,
    %(day)s::date,
    true
FROM finance.standing_estimate
WHERE company = %(company)s::text;

-- name: leave_incomplete
DELETE FROM pg_temp.estimated_line
WHERE last_kind = 'elimination' OR last_percent < 100;

-- name: find_unready
-- A day that an estimate has reached is not before it.
INSERT INTO pg_temp.estimate_problem (contract_line_id, code, field, value)
SELECT
    line.contract_line_id,
    problem.code,
    problem.field,
    problem.value
FROM pg_temp.estimated_line AS line
JOIN pg_temp.calculated_estimate AS found ON found.contract_line_id = line.contract_line_id
CROSS JOIN
    LATERAL (
        VALUES
        (line.estimated_through < line.last_through, 'ERR-F84', 'estimated_through', line.last_through::text),
        (found.code = 'ERR-I04', found.code, found.field, found.value),
        (found.open_count > 0, 'ERR-F86', 'milestones', found.open_count::text),
        (found.cost_count > 0, 'ERR-F86', 'costs', found.cost_count::text)
    ) AS problem (is_wrong, code, field, value)
WHERE problem.is_wrong;

-- name: fill_back
-- Estimates since the last elimination go back as they were posted: WIP of a completed percentage, WIP and cost of a
-- completed contract. The revenue stays.
INSERT INTO pg_temp.estimate_leg (
    contract_line_id, posting_type, account, dimension_set_id, amount, reporting_amount, is_back
)
SELECT
    line.contract_line_id,
    entry.posting_type,
    entry.account,
    entry.dimension_set_id,
    -sum(entry.accounting_amount),
    -sum(entry.reporting_amount),
    true
FROM pg_temp.estimated_line AS line
JOIN finance.standing_estimate AS standing
    ON
        standing.company = %(company)s::text
        AND standing.contract_line_id = line.contract_line_id
        AND standing.estimate_number > line.eliminated_number
JOIN finance.ledger_entry AS entry
    ON entry.company = %(company)s::text AND entry.voucher = standing.voucher
WHERE
    entry.posting_type = 'wip_sales_value'
    OR (line.completion = 'completed_contract' AND entry.posting_type <> 'accrued_revenue')
GROUP BY line.contract_line_id, entry.posting_type, entry.account, entry.dimension_set_id;

-- name: fill_released
-- What a completed contract posted to the balance sheet at once becomes cost now.
INSERT INTO pg_temp.estimate_leg (
    contract_line_id, posting_type, category_number, class, customer_id, tax_group, account, dimension_set_id,
    amount, reporting_amount, is_back
)
SELECT
    cost.contract_line_id,
    side.posting_type,
    cost.category_number,
    cost.class,
    cost.customer_id,
    cost.tax_group,
    side.account,
    cost.dimension_set_id,
    sum(side.direction * cost.amount),
    sum(side.direction * cost.reporting_amount),
    side.direction < 0
FROM pg_temp.posted_cost AS cost
JOIN pg_temp.estimated_line AS line ON line.contract_line_id = cost.contract_line_id
CROSS JOIN
    LATERAL (
        VALUES (1, 'cost'::finance.posting_type, NULL), (-1, cost.cost_type, cost.cost_account)
    ) AS side (direction, posting_type, account)
WHERE
    line.completion = 'completed_contract'
    AND cost.cost_type <> 'cost'
    AND cost.taken_number > line.eliminated_number
GROUP BY
    cost.contract_line_id, side.direction, side.posting_type, cost.category_number, cost.class, cost.customer_id,
    cost.tax_group, side.account, cost.dimension_set_id;

-- name: fill_on_account
-- What invoices of the line put on account, less what earlier eliminations took from it.
WITH billed AS (
    SELECT
        bill.actual_id,
        bill.milestone_id,
        bill.proposal_id
    FROM finance.proposal_line AS bill
    WHERE bill.company = %(company)s::text AND bill.milestone_id IS NOT NULL
    UNION ALL
    SELECT
        credit.actual_id,
        bill.milestone_id,
        bill.proposal_id
    FROM finance.proposal_line AS credit
    JOIN finance.proposal_line AS bill
        ON bill.company = %(company)s::text AND bill.actual_id = credit.credited_id
    WHERE
        credit.company = %(company)s::text
        AND credit.credited_id IS NOT NULL
        AND bill.milestone_id IS NOT NULL
),

movement AS (
    SELECT
        line.contract_line_id,
        posted.revenue_account AS account,
        posted.dimension_set_id,
        posted.accounting_amount AS amount,
        round(posted.accounting_amount * 100 / invoice.reporting_rate, reporting.precision) AS reporting_amount
    FROM pg_temp.estimated_line AS line
    JOIN finance.on_account_transaction AS on_account
        ON on_account.company = %(company)s::text AND on_account.contract_line_id = line.contract_line_id
    JOIN billed ON billed.milestone_id = on_account.milestone_id
    JOIN finance.invoice_line AS posted
        ON posted.company = %(company)s::text AND posted.actual_id = billed.actual_id
    JOIN finance.customer_invoice AS invoice
        ON invoice.company = %(company)s::text AND invoice.proposal_id = billed.proposal_id
    JOIN finance.legal_entity ON legal_entity.company = %(company)s::text
    JOIN finance.currency AS reporting ON reporting.currency = legal_entity.reporting_currency
    WHERE posted.revenue_type = 'wip_invoiced_on_account'
    UNION ALL
    SELECT
        line.contract_line_id,
        entry.account,
        entry.dimension_set_id,
        -entry.accounting_amount,
        -entry.reporting_amount
    FROM pg_temp.estimated_line AS line
    JOIN finance.standing_estimate AS standing
        ON standing.company = %(company)s::text AND standing.contract_line_id = line.contract_line_id
    JOIN finance.ledger_entry AS entry
        ON entry.company = %(company)s::text AND entry.voucher = standing.voucher
    WHERE entry.posting_type = 'wip_invoiced_on_account'
)

INSERT INTO pg_temp.estimate_leg (
    contract_line_id, posting_type, account, dimension_set_id, amount, reporting_amount, is_back
)
SELECT
    contract_line_id,
    'wip_invoiced_on_account',
    account,
    dimension_set_id,
    sum(amount),
    sum(reporting_amount),
    true
FROM movement
GROUP BY contract_line_id, account, dimension_set_id;

-- name: fill_variance
-- Revenue becomes that of the line; what is missing to balance is contract variance.
WITH revenue AS (
    SELECT
        line.contract_line_id,
        line.sales_value_category,
        line.accrued_amount - found.contract_amount AS amount
    FROM pg_temp.estimated_line AS line
    JOIN pg_temp.calculated_estimate AS found ON found.contract_line_id = line.contract_line_id
),

filled AS (
    SELECT
        contract_line_id,
        sum(amount) AS amount
    FROM pg_temp.estimate_leg
    GROUP BY contract_line_id
)

INSERT INTO pg_temp.estimate_leg (contract_line_id, posting_type, category_number, amount, is_own, is_rest)
SELECT
    revenue.contract_line_id,
    side.posting_type::finance.posting_type,
    revenue.sales_value_category,
    side.amount,
    true,
    side.is_rest
FROM revenue
LEFT JOIN filled ON filled.contract_line_id = revenue.contract_line_id
CROSS JOIN
    LATERAL (
        VALUES
        ('accrued_revenue', revenue.amount, true),
        ('contract_variance', -revenue.amount - coalesce(filled.amount, 0), false)
    ) AS side (posting_type, amount, is_rest);

-- name: add_eliminations
-- Cost that leaves work in progress is below zero.
WITH leg AS (
    SELECT
        contract_line_id,
        coalesce(sum(amount) FILTER (WHERE posting_type IN ('wip_cost_value', 'wip_cost_value_item')), 0)
            AS moved_amount,
        coalesce(sum(amount) FILTER (WHERE posting_type = 'contract_variance'), 0) AS variance_amount
    FROM pg_temp.estimate_leg
    GROUP BY contract_line_id
)

INSERT INTO finance.estimate (
    company, voucher, contract_line_id, estimate_number, kind, estimated_through, profile, template, percent,
    counted_amount, total_amount, contract_amount, accrued_amount, moved_amount, variance_amount, posted_by, posted_at
)
SELECT
    %(company)s::text,
    numbered.voucher,
    line.contract_line_id,
    line.estimate_count + 1,
    'elimination',
    line.estimated_through,
    line.profile,
    line.template,
    100,
    found.counted_amount,
    found.total_amount,
    found.contract_amount,
    found.contract_amount - line.accrued_amount,
    leg.moved_amount,
    -leg.variance_amount,
    %(actor)s::text,
    %(at)s::timestamptz
FROM pg_temp.numbered_estimate AS numbered
JOIN pg_temp.estimated_line AS line ON line.contract_line_id = numbered.contract_line_id
JOIN pg_temp.calculated_estimate AS found ON found.contract_line_id = numbered.contract_line_id
JOIN leg ON leg.contract_line_id = numbered.contract_line_id;

-- name: read_eliminated
SELECT
    line.number,
    estimate.voucher,
    estimate.contract_amount,
    estimate.variance_amount
FROM pg_temp.numbered_estimate AS numbered
JOIN pg_temp.estimated_line AS line ON line.contract_line_id = numbered.contract_line_id
JOIN finance.estimate
    ON estimate.company = %(company)s::text AND estimate.voucher = numbered.voucher
ORDER BY numbered.contract_line_id;
