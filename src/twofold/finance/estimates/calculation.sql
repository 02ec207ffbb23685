-- name: lock_estimates
SELECT pg_advisory_xact_lock(hashtextextended('finance.estimate/' || %(company)s::text, 0));

-- name: create_asked
-- is_complete: nothing is spent any more, whatever the forecast says.
CREATE TEMPORARY TABLE asked_estimate (
    contract_line_id bigint PRIMARY KEY,
    estimated_through date NOT NULL,
    is_complete boolean NOT NULL
) ON COMMIT DROP;

-- name: create_line
-- No profile without a rule. Estimates are numbered by line; eliminated_number is that of the last elimination that
-- stands, 0 where none does. accrued_amount is the revenue recognised so far.
CREATE TEMPORARY TABLE estimated_line (
    contract_line_id bigint PRIMARY KEY,
    estimated_through date NOT NULL,
    is_complete boolean NOT NULL,
    number text NOT NULL,
    contract_id bigint NOT NULL,
    project_id bigint NOT NULL,
    profile text,
    completion finance.completion_principle,
    matching finance.matching_principle,
    period text,
    template text,
    completion_based_on finance.completion_basis,
    sales_value_category text NOT NULL,
    estimate_count integer NOT NULL,
    last_voucher text,
    last_kind finance.estimate_kind,
    last_through date,
    last_percent numeric(9, 4),
    eliminated_number integer NOT NULL,
    accrued_amount numeric(19, 4) NOT NULL
) ON COMMIT DROP;

-- name: create_taken
-- The costs that standing estimates took, apart, so that it is known how many they are.
CREATE TEMPORARY TABLE taken_cost (
    actual_id bigint NOT NULL,
    estimate_number integer NOT NULL
) ON COMMIT DROP;

-- name: create_cost
-- The costs posted up to the day; taken_number is the number of the estimate that took it, NULL where none did.
CREATE TEMPORARY TABLE posted_cost (
    contract_line_id bigint NOT NULL,
    actual_id bigint NOT NULL,
    class finance.transaction_class NOT NULL,
    category_number text NOT NULL,
    customer_id bigint NOT NULL,
    tax_group text NOT NULL,
    quantity numeric(19, 4) NOT NULL,
    amount numeric(19, 4) NOT NULL,
    reporting_amount numeric(19, 4),
    cost_type finance.posting_type,
    cost_account text,
    dimension_set_id bigint,
    taken_number integer
) ON COMMIT DROP;

-- name: create_progress
CREATE TEMPORARY TABLE estimate_progress (
    contract_line_id bigint PRIMARY KEY,
    counted_amount numeric(19, 4) NOT NULL,
    total_amount numeric(19, 4) NOT NULL
) ON COMMIT DROP;

-- name: create_worth
-- No amount where a rate is missing.
CREATE TEMPORARY TABLE estimate_worth (
    contract_line_id bigint PRIMARY KEY,
    contract_amount numeric(19, 4),
    open_count bigint NOT NULL
) ON COMMIT DROP;

-- name: create_calculated
CREATE TEMPORARY TABLE calculated_estimate (
    contract_line_id bigint PRIMARY KEY,
    percent numeric(9, 4) NOT NULL,
    counted_amount numeric(19, 4) NOT NULL,
    total_amount numeric(19, 4) NOT NULL,
    contract_amount numeric(19, 4) NOT NULL,
    open_count bigint NOT NULL,
    accrued_amount numeric(19, 4) NOT NULL,
    moved_amount numeric(19, 4) NOT NULL,
    cost_count bigint NOT NULL,
    code text,
    field text,
    value text
) ON COMMIT DROP;

-- name: name_profiles
INSERT INTO pg_temp.needed_profile (project_id, contract_id, billing_method)
SELECT DISTINCT
    project.project_id,
    project.contract_id,
    'fixed_price'::finance.billing_method
FROM pg_temp.asked_estimate AS asked
JOIN finance.estimate_project AS project
    ON project.company = %(company)s::text AND project.contract_line_id = asked.contract_line_id;

-- name: fill_line
WITH estimated AS (
    SELECT
        standing.contract_line_id,
        sum(standing.accrued_amount) AS accrued_amount,
        max(standing.estimate_number) AS last_number,
        max(standing.estimate_number) FILTER (WHERE standing.kind = 'elimination') AS eliminated_number
    FROM finance.standing_estimate AS standing
    WHERE standing.company = %(company)s::text
    GROUP BY standing.contract_line_id
),

counted AS (
    SELECT
        contract_line_id,
        max(estimate_number) AS estimate_count
    FROM finance.estimate
    WHERE company = %(company)s::text
    GROUP BY contract_line_id
)

INSERT INTO pg_temp.estimated_line (
    contract_line_id, estimated_through, is_complete, number, contract_id, project_id, profile, completion, matching,
    period, template, completion_based_on, sales_value_category, estimate_count, last_voucher, last_kind, last_through,
    last_percent, eliminated_number, accrued_amount
)
SELECT
    asked.contract_line_id,
    asked.estimated_through,
    asked.is_complete,
    project.number,
    project.contract_id,
    project.project_id,
    profile.profile,
    profile.completion,
    profile.matching,
    profile.period,
    profile.template,
    cost_template.completion_based_on,
    coalesce(profile.sales_value_category, ''),
    coalesce(counted.estimate_count, 0),
    last.voucher,
    last.kind,
    last.estimated_through AS last_through,
    last.percent,
    coalesce(estimated.eliminated_number, 0),
    coalesce(estimated.accrued_amount, 0)
FROM pg_temp.asked_estimate AS asked
JOIN finance.estimate_project AS project
    ON project.company = %(company)s::text AND project.contract_line_id = asked.contract_line_id
LEFT JOIN counted ON counted.contract_line_id = asked.contract_line_id
LEFT JOIN estimated ON estimated.contract_line_id = asked.contract_line_id
LEFT JOIN finance.estimate AS last
    ON
        last.company = %(company)s::text
        AND last.contract_line_id = asked.contract_line_id
        AND last.estimate_number = estimated.last_number
LEFT JOIN pg_temp.found_profile AS found
    ON
        found.project_id = project.project_id
        AND found.contract_id = project.contract_id
        AND found.billing_method = 'fixed_price'
LEFT JOIN finance.revenue_profile AS profile
    ON profile.company = %(company)s::text AND profile.profile = coalesce(last.profile, found.profile)
LEFT JOIN finance.cost_template
    ON cost_template.company = %(company)s::text AND cost_template.template = profile.template;

-- name: analyze_line
ANALYZE pg_temp.estimated_line;

-- name: fill_taken
INSERT INTO pg_temp.taken_cost (actual_id, estimate_number)
SELECT
    cost.actual_id,
    standing.estimate_number
FROM pg_temp.estimated_line AS line
JOIN finance.standing_estimate AS standing
    ON standing.company = %(company)s::text AND standing.contract_line_id = line.contract_line_id
JOIN finance.estimated_cost AS cost
    ON cost.company = %(company)s::text AND cost.voucher = standing.voucher;

-- name: analyze_taken
ANALYZE pg_temp.taken_cost;

-- name: fill_cost
-- A cost belongs to the contract line that operations found for it: of one project, expenses may be in a fixed price
-- and hours not (FP-08).
INSERT INTO pg_temp.posted_cost (
    contract_line_id, actual_id, class, category_number, customer_id, tax_group, quantity, amount, reporting_amount,
    cost_type, cost_account, dimension_set_id, taken_number
)
SELECT
    line.contract_line_id,
    posted.actual_id,
    cost.class,
    posted.category_number,
    coalesce(cost.customer_id, 0),
    coalesce(posted.tax_group, ''),
    cost.quantity,
    posted.accounting_amount,
    posted.cost_reporting_amount,
    posted.cost_type,
    posted.cost_account,
    CASE WHEN adjusted.actual_id IS NULL THEN posted.dimension_set_id ELSE adjusted.dimension_set_id END,
    taken.estimate_number
FROM pg_temp.estimated_line AS line
JOIN finance.staged_actual AS cost
    ON
        cost.company = %(company)s::text
        AND cost.contract_line_id = line.contract_line_id
        AND cost.transaction_type = 'cost'
JOIN finance.project_transaction AS posted
    ON
        posted.company = %(company)s::text
        AND posted.actual_id = cost.actual_id
        AND posted.accounting_date <= line.estimated_through
LEFT JOIN finance.adjusted_dimension AS adjusted
    ON adjusted.company = %(company)s::text AND adjusted.actual_id = posted.actual_id
LEFT JOIN pg_temp.taken_cost AS taken ON taken.actual_id = posted.actual_id;

-- name: analyze_cost
ANALYZE pg_temp.posted_cost (contract_line_id, actual_id, class, category_number, cost_type, taken_number);

-- name: fill_progress
-- What was spent and what is forecast, by the line of the cost template that each belongs to.
WITH template_line AS (
    SELECT
        cost_template.template,
        stated.position,
        (stated.line ->> 'class')::finance.transaction_class AS class,
        stated.line -> 'categories' AS categories,
        (stated.line ->> 'uses_forecast')::boolean AS uses_forecast,
        (stated.line ->> 'is_counted')::boolean AS is_counted
    FROM finance.cost_template
    CROSS JOIN jsonb_array_elements(cost_template.lines) WITH ORDINALITY AS stated (line, position)
    WHERE cost_template.company = %(company)s::text
),

part AS (
    SELECT
        line.contract_line_id,
        line.template,
        cost.class,
        cost.category_number,
        0::numeric AS forecast_amount,
        sum(CASE line.completion_based_on WHEN 'quantity' THEN cost.quantity ELSE cost.amount END) AS spent_amount
    FROM pg_temp.estimated_line AS line
    JOIN pg_temp.posted_cost AS cost ON cost.contract_line_id = line.contract_line_id
    GROUP BY line.contract_line_id, line.template, cost.class, cost.category_number
    UNION ALL
    SELECT
        line.contract_line_id,
        line.template,
        forecast.class,
        forecast.category_number,
        CASE line.completion_based_on WHEN 'quantity' THEN forecast.quantity ELSE forecast.amount END,
        0
    FROM pg_temp.estimated_line AS line
    JOIN finance.cost_forecast AS forecast
        ON forecast.company = %(company)s::text AND forecast.contract_line_id = line.contract_line_id
),

measured AS (
    SELECT
        part.contract_line_id,
        template_line.position,
        template_line.uses_forecast,
        sum(part.spent_amount) AS spent_amount,
        sum(part.forecast_amount) AS forecast_amount
    FROM part
    JOIN template_line
        ON
            template_line.template = part.template
            AND template_line.class = part.class
            AND (
                template_line.categories ? part.category_number
                OR (
                    template_line.categories = '[]'
                    AND NOT EXISTS (
                        SELECT FROM template_line AS other
                        WHERE
                            other.template = part.template
                            AND other.class = part.class
                            AND other.categories ? part.category_number
                    )
                )
            )
    WHERE template_line.is_counted
    GROUP BY part.contract_line_id, template_line.position, template_line.uses_forecast
)

INSERT INTO pg_temp.estimate_progress (contract_line_id, counted_amount, total_amount)
SELECT
    contract_line_id,
    sum(spent_amount),
    sum(CASE WHEN uses_forecast THEN forecast_amount ELSE greatest(spent_amount, forecast_amount) END)
FROM measured
GROUP BY contract_line_id;

-- name: analyze_progress
ANALYZE pg_temp.estimate_progress;

-- name: fill_worth
-- The milestones of a contract, shared out among its lines by standalone selling price; a line that states none stands
-- for its own milestones. Shares add up to the cent. What was invoiced before the cut-over is no part of it.
WITH billed AS (
    SELECT
        bill.milestone_id,
        posted.accounting_amount
    FROM finance.proposal_line AS bill
    JOIN finance.invoice_line AS posted
        ON posted.company = %(company)s::text AND posted.actual_id = bill.actual_id
    WHERE
        bill.company = %(company)s::text
        AND bill.milestone_id IS NOT NULL
        AND NOT EXISTS (
            SELECT FROM finance.proposal_line AS credit
            JOIN finance.invoice_line AS credited
                ON credited.company = %(company)s::text AND credited.actual_id = credit.actual_id
            WHERE credit.company = %(company)s::text AND credit.credited_id = bill.actual_id
        )
),

agreed AS (
    SELECT
        on_account.contract_id,
        on_account.contract_line_id,
        on_account.currency,
        coalesce(sum(billed.accounting_amount), 0) AS invoiced_amount,
        coalesce(sum(on_account.amount) FILTER (WHERE billed.milestone_id IS NULL), 0) AS open_amount,
        count(*) FILTER (WHERE billed.milestone_id IS NULL) AS open_count
    FROM finance.on_account_transaction AS on_account
    LEFT JOIN billed ON billed.milestone_id = on_account.milestone_id
    WHERE
        on_account.company = %(company)s::text
        AND (on_account.cut_over_status = 'open' OR billed.milestone_id IS NOT NULL)
        AND on_account.contract_id IN (SELECT line.contract_id FROM pg_temp.estimated_line AS line)
    GROUP BY on_account.contract_id, on_account.contract_line_id, on_account.currency
),

dated AS (
    SELECT DISTINCT
        agreed.contract_id,
        agreed.currency,
        line.estimated_through
    FROM pg_temp.estimated_line AS line
    JOIN agreed ON agreed.contract_id = line.contract_id
),

rate AS (
    SELECT
        needed.currency,
        needed.estimated_through,
        finance.rate_on(%(company)s::text, needed.currency, needed.estimated_through) AS rate
    FROM (
        SELECT DISTINCT
            currency,
            estimated_through
        FROM dated
    ) AS needed
),

valued AS (
    SELECT
        dated.contract_id,
        dated.estimated_through,
        agreed.contract_line_id,
        agreed.open_count,
        currency.precision,
        contract_line.standalone_price,
        agreed.invoiced_amount
        + CASE
            WHEN agreed.open_count = 0 THEN 0
            ELSE round(agreed.open_amount * coalesce(agreement.rate, rate.rate) / 100, currency.precision)
        END AS amount,
        contract_line.standalone_price * coalesce(agreement.rate, rate.rate) / 100 AS standalone_amount
    FROM dated
    JOIN agreed ON agreed.contract_id = dated.contract_id AND agreed.currency = dated.currency
    JOIN rate ON rate.currency = dated.currency AND rate.estimated_through = dated.estimated_through
    JOIN finance.contract_line
        ON
            contract_line.company = %(company)s::text
            AND contract_line.contract_line_id = agreed.contract_line_id
    JOIN finance.contract
        ON contract.company = %(company)s::text AND contract.contract_id = dated.contract_id
    JOIN finance.legal_entity ON legal_entity.company = %(company)s::text
    JOIN finance.currency ON currency.currency = legal_entity.accounting_currency
    LEFT JOIN finance.fixed_rate_agreement AS agreement
        ON
            agreement.company = %(company)s::text
            AND agreement.contract_number = contract.number
            AND agreement.currency = dated.currency
            AND agreement.currency <> legal_entity.accounting_currency
),

weighed AS (
    SELECT
        valued.*,
        coalesce(valued.standalone_amount, valued.amount) AS weight,
        sum(coalesce(valued.standalone_amount, valued.amount)) OVER contract AS total_weight,
        sum(valued.amount) OVER contract AS total_amount,
        bool_and(
            valued.amount IS NOT NULL
            AND (valued.standalone_price IS NULL OR valued.standalone_amount IS NOT NULL)
        ) OVER contract AS is_rated,
        sum(coalesce(valued.standalone_amount, valued.amount)) OVER (
            PARTITION BY valued.contract_id, valued.estimated_through ORDER BY valued.contract_line_id
        ) AS weight_through
    FROM valued
    WINDOW contract AS (PARTITION BY valued.contract_id, valued.estimated_through)
)

INSERT INTO pg_temp.estimate_worth (contract_line_id, contract_amount, open_count)
SELECT
    line.contract_line_id,
    CASE
        -- One rate that is missing leaves all shares unknown.
        WHEN NOT weighed.is_rated THEN NULL
        WHEN weighed.total_weight = 0 THEN weighed.amount
        ELSE
            round(weighed.total_amount * weighed.weight_through / weighed.total_weight, weighed.precision)
            - round(
                weighed.total_amount * (weighed.weight_through - weighed.weight) / weighed.total_weight,
                weighed.precision
            )
    END,
    weighed.open_count
FROM pg_temp.estimated_line AS line
JOIN weighed
    ON
        weighed.contract_id = line.contract_id
        AND weighed.estimated_through = line.estimated_through
        AND weighed.contract_line_id = line.contract_line_id;

-- name: analyze_worth
ANALYZE pg_temp.estimate_worth;

-- name: fill_calculated
-- A completed contract moves its costs to the balance sheet until it is eliminated; a completed percentage has its
-- costs in profit and loss, and its revenue as far as it is complete. The first reason wins.
WITH cost AS (
    SELECT
        line.contract_line_id,
        count(*) AS cost_count,
        sum(
            CASE
                WHEN line.completion = 'completed_contract' AND posted.cost_type = 'cost' THEN posted.amount
                WHEN line.completion = 'completed_percentage' AND posted.cost_type <> 'cost' THEN -posted.amount
                ELSE 0
            END
        ) AS moved_amount
    FROM pg_temp.estimated_line AS line
    JOIN pg_temp.posted_cost AS posted ON posted.contract_line_id = line.contract_line_id
    WHERE posted.taken_number IS NULL
    GROUP BY line.contract_line_id
),

judged AS (
    SELECT
        line.*,
        coalesce(progress.counted_amount, 0) AS counted_amount,
        CASE
            WHEN line.is_complete THEN coalesce(progress.counted_amount, 0) ELSE coalesce(progress.total_amount, 0)
        END AS total_amount,
        CASE
            WHEN line.is_complete THEN 100
            WHEN progress.total_amount > 0
                THEN least(100, greatest(0, round(100 * progress.counted_amount / progress.total_amount, 4)))
            ELSE 0
        END AS percent,
        coalesce(worth.contract_amount, 0) AS contract_amount,
        coalesce(worth.open_count, 0) AS open_count,
        coalesce(cost.cost_count, 0) AS cost_count,
        coalesce(cost.moved_amount, 0) AS moved_amount,
        CASE
            WHEN
                line.template IS NULL
                OR line.period IS NULL
                OR line.completion NOT IN ('completed_contract', 'completed_percentage')
                OR line.matching = 'production_and_profit'
                OR (line.completion = 'completed_percentage' AND line.matching <> 'sales_value')
                THEN ARRAY['ERR-F82', 'profile', coalesce(line.profile, '')]
            WHEN
                line.estimated_through < line.last_through
                OR (line.estimated_through = line.last_through AND line.last_kind = 'estimate')
                THEN ARRAY['ERR-F84', 'estimated_through', line.last_through::text]
            WHEN
                NOT line.is_complete
                AND (
                    coalesce(progress.total_amount, 0) = 0
                    OR NOT EXISTS (
                        SELECT FROM finance.cost_forecast AS forecast
                        WHERE
                            forecast.company = %(company)s::text
                            AND forecast.contract_line_id = line.contract_line_id
                    )
                )
                THEN ARRAY['ERR-F83', 'forecast', '']
            WHEN worth.contract_line_id IS NOT NULL AND worth.contract_amount IS NULL
                THEN ARRAY['ERR-I04', 'exchange_rate', line.estimated_through::text]
        END AS problem
    FROM pg_temp.estimated_line AS line
    LEFT JOIN pg_temp.estimate_progress AS progress ON progress.contract_line_id = line.contract_line_id
    LEFT JOIN pg_temp.estimate_worth AS worth ON worth.contract_line_id = line.contract_line_id
    LEFT JOIN cost ON cost.contract_line_id = line.contract_line_id
)

INSERT INTO pg_temp.calculated_estimate (
    contract_line_id, percent, counted_amount, total_amount, contract_amount, open_count, accrued_amount, moved_amount,
    cost_count, code, field, value
)
SELECT
    judged.contract_line_id,
    judged.percent,
    judged.counted_amount,
    judged.total_amount,
    judged.contract_amount,
    judged.open_count,
    CASE judged.completion
        WHEN 'completed_percentage'
            THEN round(judged.contract_amount * judged.percent / 100, currency.precision) - judged.accrued_amount
        ELSE 0
    END,
    judged.moved_amount,
    judged.cost_count,
    judged.problem[1],
    judged.problem[2],
    judged.problem[3]
FROM judged
JOIN finance.legal_entity ON legal_entity.company = %(company)s::text
JOIN finance.currency ON currency.currency = legal_entity.accounting_currency;

-- name: analyze_calculated
ANALYZE pg_temp.calculated_estimate;

-- name: drop_calculation
DROP TABLE
pg_temp.asked_estimate, pg_temp.estimated_line, pg_temp.taken_cost, pg_temp.posted_cost, pg_temp.estimate_progress,
pg_temp.estimate_worth, pg_temp.calculated_estimate;
