-- name: create_leg
-- A side of a voucher, debit above zero. is_own: with the dimensions of the estimate project, else as given. What is
-- taken back names its account, and is not judged. rest: takes what balances its voucher in the reporting currency.
CREATE TEMPORARY TABLE estimate_leg (
    contract_line_id bigint NOT NULL,
    posting_type finance.posting_type NOT NULL,
    category_number text NOT NULL DEFAULT '',
    class finance.transaction_class NOT NULL DEFAULT 'fee',
    customer_id bigint NOT NULL DEFAULT 0,
    tax_group text NOT NULL DEFAULT '',
    account text,
    dimension_set_id bigint,
    amount numeric(19, 4) NOT NULL,
    reporting_amount numeric(19, 4),
    is_own boolean NOT NULL DEFAULT false,
    is_back boolean NOT NULL DEFAULT false,
    is_rest boolean NOT NULL DEFAULT false
) ON COMMIT DROP;

-- name: create_problem
CREATE TEMPORARY TABLE estimate_problem (
    contract_line_id bigint NOT NULL,
    code text NOT NULL,
    field text NOT NULL,
    value text NOT NULL
) ON COMMIT DROP;

-- name: create_numbered
CREATE TEMPORARY TABLE numbered_estimate (
    contract_line_id bigint PRIMARY KEY,
    voucher text NOT NULL
) ON COMMIT DROP;

-- name: name_defaults
INSERT INTO pg_temp.needed_default (
    transaction_type, class, project_id, contract_id, contract_line_id, resource_id, billing_method
)
SELECT
    'billed_sales',
    'milestone',
    project_id,
    contract_id,
    contract_line_id,
    0,
    'fixed_price'
FROM pg_temp.estimated_line;

-- name: place_defaults
UPDATE pg_temp.estimate_leg AS leg
SET dimension_set_id = found.dimension_set_id
FROM pg_temp.found_default AS found
WHERE leg.is_own AND found.contract_line_id = leg.contract_line_id;

-- name: analyze_leg
ANALYZE pg_temp.estimate_leg;

-- name: name_accounts
INSERT INTO pg_temp.needed_account (
    posting_type, project_id, category_number, class, contract_id, customer_id, tax_group
)
SELECT DISTINCT
    leg.posting_type,
    line.project_id,
    leg.category_number,
    leg.class,
    line.contract_id,
    leg.customer_id,
    leg.tax_group
FROM pg_temp.estimate_leg AS leg
JOIN pg_temp.estimated_line AS line ON line.contract_line_id = leg.contract_line_id
WHERE leg.account IS NULL;

-- name: place_accounts
UPDATE pg_temp.estimate_leg AS leg
SET account = found.account
FROM pg_temp.estimated_line AS line
JOIN pg_temp.found_account AS found
    ON found.project_id = line.project_id AND found.contract_id = line.contract_id
WHERE
    leg.account IS NULL
    AND line.contract_line_id = leg.contract_line_id
    AND found.posting_type = leg.posting_type
    AND found.category_number = leg.category_number
    AND found.class = leg.class
    AND found.customer_id = leg.customer_id
    AND found.tax_group = leg.tax_group;

-- name: place_reporting
-- What came in with an amount in the reporting currency has it; the rest is at the rate of the day, and one leg takes
-- what is missing to balance.
WITH rate AS (
    SELECT
        day.estimated_through,
        reporting.precision,
        finance.rate_on(%(company)s::text, legal_entity.reporting_currency, day.estimated_through) AS rate
    FROM (SELECT DISTINCT estimated_through FROM pg_temp.estimated_line) AS day
    JOIN finance.legal_entity ON legal_entity.company = %(company)s::text
    JOIN finance.currency AS reporting ON reporting.currency = legal_entity.reporting_currency
),

stated AS (
    SELECT
        leg.ctid AS place,
        leg.contract_line_id,
        leg.is_rest,
        coalesce(leg.reporting_amount, round(leg.amount * 100 / rate.rate, rate.precision)) AS reporting_amount
    FROM pg_temp.estimate_leg AS leg
    JOIN pg_temp.estimated_line AS line ON line.contract_line_id = leg.contract_line_id
    JOIN rate ON rate.estimated_through = line.estimated_through
),

rest AS (
    SELECT
        contract_line_id,
        -- One amount that is missing leaves the rest unknown.
        CASE WHEN bool_and(reporting_amount IS NOT NULL) THEN -sum(reporting_amount) END AS reporting_amount
    FROM stated
    WHERE NOT is_rest
    GROUP BY contract_line_id
)

UPDATE pg_temp.estimate_leg AS leg
SET reporting_amount = CASE WHEN stated.is_rest THEN rest.reporting_amount ELSE stated.reporting_amount END
FROM stated
LEFT JOIN rest ON rest.contract_line_id = stated.contract_line_id
WHERE leg.ctid = stated.place;

-- name: find_problems
INSERT INTO pg_temp.estimate_problem (contract_line_id, code, field, value)
SELECT
    line.contract_line_id,
    'ERR-J01',
    'estimated_through',
    line.estimated_through::text
FROM pg_temp.estimated_line AS line
WHERE
    NOT EXISTS (
        SELECT FROM finance.fiscal_period
        WHERE
            fiscal_period.company = %(company)s::text
            AND fiscal_period.state = 'open'
            AND line.estimated_through BETWEEN fiscal_period.period_start AND fiscal_period.period_end
    )
UNION ALL
SELECT DISTINCT
    contract_line_id,
    'ERR-J03',
    'account',
    concat_ws(' ', posting_type, nullif('category ' || category_number, 'category '))
FROM pg_temp.estimate_leg
WHERE account IS NULL AND (amount <> 0 OR reporting_amount <> 0)
UNION ALL
SELECT DISTINCT
    leg.contract_line_id,
    'ERR-I04',
    'exchange_rate',
    legal_entity.reporting_currency || ' ' || line.estimated_through
FROM pg_temp.estimate_leg AS leg
JOIN pg_temp.estimated_line AS line ON line.contract_line_id = leg.contract_line_id
JOIN finance.legal_entity ON legal_entity.company = %(company)s::text
WHERE leg.reporting_amount IS NULL;

-- name: name_combinations
INSERT INTO pg_temp.needed_combination (account, dimension_set_id)
SELECT DISTINCT
    account,
    coalesce(dimension_set_id, 0)
FROM pg_temp.estimate_leg
WHERE NOT is_back AND account IS NOT NULL AND (amount <> 0 OR reporting_amount <> 0);

-- name: find_bad_combinations
INSERT INTO pg_temp.estimate_problem (contract_line_id, code, field, value)
SELECT DISTINCT
    leg.contract_line_id,
    'ERR-J04',
    'dimensions',
    bad.problem
FROM pg_temp.estimate_leg AS leg
JOIN pg_temp.bad_combination AS bad
    ON bad.account = leg.account AND bad.dimension_set_id = coalesce(leg.dimension_set_id, 0)
WHERE NOT leg.is_back AND (leg.amount <> 0 OR leg.reporting_amount <> 0);

-- name: read_problems
SELECT
    line.number,
    problem.code,
    problem.field,
    problem.value
FROM pg_temp.estimate_problem AS problem
JOIN pg_temp.estimated_line AS line ON line.contract_line_id = problem.contract_line_id
ORDER BY line.number, problem.code, problem.value;

-- name: count_good
SELECT count(*) AS good_count
FROM pg_temp.estimated_line AS line
WHERE
    NOT EXISTS (
        SELECT FROM pg_temp.estimate_problem AS problem
        WHERE problem.contract_line_id = line.contract_line_id
    );

-- name: number_estimates
INSERT INTO pg_temp.numbered_estimate (contract_line_id, voucher)
SELECT
    line.contract_line_id,
    finance.document_number(
        %(prefix)s::text,
        %(digits)s::integer,
        %(first_number)s::bigint + row_number() OVER (ORDER BY line.contract_line_id) - 1
    )
FROM pg_temp.estimated_line AS line
WHERE
    NOT EXISTS (
        SELECT FROM pg_temp.estimate_problem AS problem
        WHERE problem.contract_line_id = line.contract_line_id
    );

-- name: analyze_numbered
ANALYZE pg_temp.numbered_estimate;

-- name: add_entries
WITH side AS (
    SELECT
        numbered.voucher,
        line.project_id,
        line.estimated_through,
        leg.posting_type,
        leg.account,
        leg.dimension_set_id,
        sum(leg.amount) AS amount,
        sum(leg.reporting_amount) AS reporting_amount
    FROM pg_temp.estimate_leg AS leg
    JOIN pg_temp.numbered_estimate AS numbered ON numbered.contract_line_id = leg.contract_line_id
    JOIN pg_temp.estimated_line AS line ON line.contract_line_id = leg.contract_line_id
    GROUP BY
        numbered.voucher, line.project_id, line.estimated_through, leg.posting_type, leg.account,
        leg.dimension_set_id
)

INSERT INTO finance.ledger_entry (
    company, voucher, entry_number, accounting_date, account, posting_type, project_id, currency,
    transaction_amount, accounting_amount, reporting_amount, dimension_set_id
)
SELECT
    %(company)s::text,
    side.voucher,
    row_number() OVER (
        PARTITION BY side.voucher ORDER BY side.posting_type, side.account, side.dimension_set_id
    ),
    side.estimated_through,
    side.account,
    side.posting_type,
    side.project_id,
    legal_entity.accounting_currency,
    side.amount AS transaction_amount,
    side.amount AS accounting_amount,
    side.reporting_amount,
    side.dimension_set_id
FROM side
JOIN finance.legal_entity ON legal_entity.company = %(company)s::text
WHERE side.amount <> 0 OR side.reporting_amount <> 0;

-- name: delete_drafts
DELETE FROM finance.estimate_draft AS draft
USING pg_temp.numbered_estimate AS numbered
WHERE draft.company = %(company)s::text AND draft.contract_line_id = numbered.contract_line_id;

-- name: drop_vouchers
DROP TABLE pg_temp.estimate_leg, pg_temp.estimate_problem, pg_temp.numbered_estimate;
