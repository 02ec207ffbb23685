-- Revenue estimates of fixed prices: how far a contract line is, and what revenue or cost that recognises (spec P40).

-- The standalone selling price of the line, in the currency of its contract.
ALTER TABLE finance.contract_line ADD COLUMN standalone_price numeric(19, 4) CHECK (standalone_price >= 0);

CREATE TYPE finance.completion_basis AS ENUM ('amount', 'quantity');
CREATE TYPE finance.estimate_interval AS ENUM ('month', 'quarter', 'year');

-- How the percent complete comes from costs. lines: an array of objects with class, categories (where empty: those of
-- the class that no other line names), is_counted, and uses_forecast: whether the forecast alone is the measure, else
-- what was spent where that is more.
CREATE TABLE finance.cost_template (
    company text NOT NULL REFERENCES finance.legal_entity (company),
    template text NOT NULL CHECK (template <> ''),
    name text NOT NULL,
    completion_based_on finance.completion_basis NOT NULL,
    lines jsonb NOT NULL CHECK (jsonb_typeof(lines) = 'array'),
    PRIMARY KEY (company, template)
);

-- How often fixed prices are estimated: at the end of every month, quarter or year.
CREATE TABLE finance.estimate_period (
    company text NOT NULL REFERENCES finance.legal_entity (company),
    period text NOT NULL CHECK (period <> ''),
    name text NOT NULL,
    every finance.estimate_interval NOT NULL,
    PRIMARY KEY (company, period)
);

-- The last day of the month, quarter or year that holds a day.
CREATE FUNCTION finance.estimate_end(every finance.estimate_interval, day date) RETURNS date
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (
    date_trunc(every::text, day::timestamp)
    + make_interval(months => CASE every WHEN 'month' THEN 1 WHEN 'quarter' THEN 3 ELSE 12 END)
)::date - 1;

-- What is estimated on its own: a fixed-price contract line with a project, from its first milestone on (spec 4.20).
CREATE VIEW finance.estimate_project AS
SELECT
    contract_line.company,
    contract_line.contract_line_id,
    contract_line.name,
    contract_line.contract_id,
    contract_line.project_id,
    contract.number || '/' || contract_line.line_number AS number
FROM finance.contract_line
JOIN finance.contract
    ON contract.company = contract_line.company AND contract.contract_id = contract_line.contract_id
WHERE
    contract_line.billing_method = 'fixed_price'
    AND contract_line.project_id IS NOT NULL
    AND EXISTS (
        SELECT FROM finance.on_account_transaction AS on_account
        WHERE
            on_account.company = contract_line.company
            AND on_account.contract_line_id = contract_line.contract_line_id
    );

-- What an estimate project will have cost in the end, by class, and by category where one is named ('' where not).
-- Amounts in the accounting currency. A newer forecast takes the place of the older.
CREATE TABLE finance.cost_forecast (
    company text NOT NULL,
    contract_line_id bigint NOT NULL,
    class finance.transaction_class NOT NULL CHECK (class IN ('time', 'expense', 'material')),
    category_number text NOT NULL,
    quantity numeric(19, 4) NOT NULL CHECK (quantity >= 0),
    amount numeric(19, 4) NOT NULL CHECK (amount >= 0),
    loaded_by text NOT NULL,
    loaded_at timestamptz NOT NULL,
    PRIMARY KEY (company, contract_line_id, class, category_number)
);

-- An estimate that was created and not posted, at most one per estimate project: work, deleted when it is posted or
-- created anew. Columns as in estimate.
CREATE TABLE finance.estimate_draft (
    company text NOT NULL,
    contract_line_id bigint NOT NULL,
    estimated_through date NOT NULL,
    is_complete boolean NOT NULL,
    profile text NOT NULL,
    template text NOT NULL,
    percent numeric(9, 4) NOT NULL,
    counted_amount numeric(19, 4) NOT NULL,
    total_amount numeric(19, 4) NOT NULL,
    contract_amount numeric(19, 4) NOT NULL,
    accrued_amount numeric(19, 4) NOT NULL,
    moved_amount numeric(19, 4) NOT NULL,
    cost_count bigint NOT NULL,
    created_by text NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (company, contract_line_id)
);

CREATE TYPE finance.estimate_kind AS ENUM ('estimate', 'elimination');

-- A posted estimate, or the elimination that ends an estimate project. percent is counted_amount of total_amount, both
-- amounts in the accounting currency or quantities as the template says. The others are in the accounting currency.
-- contract_amount: the revenue of the line once it is complete. accrued_amount: what this estimate recognises of it,
-- above zero. moved_amount: the cost it moves into work in progress, below zero where it moves out. variance_amount:
-- what the line is invoiced more than its revenue. Estimates of a line are numbered from 1.
CREATE TABLE finance.estimate (
    company text NOT NULL,
    voucher text NOT NULL,
    contract_line_id bigint NOT NULL,
    estimate_number integer NOT NULL,
    kind finance.estimate_kind NOT NULL,
    estimated_through date NOT NULL,
    profile text NOT NULL,
    template text NOT NULL,
    percent numeric(9, 4) NOT NULL CHECK (percent BETWEEN 0 AND 100),
    counted_amount numeric(19, 4) NOT NULL,
    total_amount numeric(19, 4) NOT NULL,
    contract_amount numeric(19, 4) NOT NULL,
    accrued_amount numeric(19, 4) NOT NULL,
    moved_amount numeric(19, 4) NOT NULL,
    variance_amount numeric(19, 4) NOT NULL DEFAULT 0,
    posted_by text NOT NULL,
    posted_at timestamptz NOT NULL,
    PRIMARY KEY (company, voucher),
    CONSTRAINT estimate_is_numbered_once UNIQUE (company, contract_line_id, estimate_number),
    CONSTRAINT elimination_is_complete CHECK (kind = 'estimate' OR percent = 100)
);

-- The costs that a posted estimate took. A cost is taken again once the estimate that took it is reversed.
CREATE TABLE finance.estimated_cost (
    company text NOT NULL,
    actual_id bigint NOT NULL,
    voucher text NOT NULL,
    PRIMARY KEY (company, actual_id, voucher)
);

-- What took an estimate back, with all it posted.
CREATE TABLE finance.estimate_reversal (
    company text NOT NULL,
    voucher text NOT NULL,
    reversed_voucher text NOT NULL,
    reversed_on date NOT NULL,
    reason text NOT NULL CHECK (reason <> ''),
    reversed_by text NOT NULL,
    reversed_at timestamptz NOT NULL,
    PRIMARY KEY (company, voucher),
    CONSTRAINT estimate_is_reversed_once UNIQUE (company, reversed_voucher)
);

-- Estimates that nobody reversed.
CREATE VIEW finance.standing_estimate AS
SELECT
    company,
    voucher,
    contract_line_id,
    estimate_number,
    kind,
    estimated_through,
    profile,
    template,
    percent,
    counted_amount,
    total_amount,
    contract_amount,
    accrued_amount,
    moved_amount,
    variance_amount
FROM finance.estimate
WHERE
    NOT EXISTS (
        SELECT FROM finance.estimate_reversal AS reversal
        WHERE reversal.company = estimate.company AND reversal.reversed_voucher = estimate.voucher
    );

-- The vouchers of estimates and reversals, each with its estimate project and document.
CREATE VIEW finance.estimate_voucher AS
SELECT
    company,
    voucher,
    contract_line_id,
    kind || ' ' || contract_line_id || ', ' || estimate_number AS document
FROM finance.estimate
UNION ALL
SELECT
    reversal.company,
    reversal.voucher,
    estimate.contract_line_id,
    'reversal of ' || estimate.kind || ' ' || estimate.contract_line_id || ', ' || estimate.estimate_number
FROM finance.estimate_reversal AS reversal
JOIN finance.estimate
    ON estimate.company = reversal.company AND estimate.voucher = reversal.reversed_voucher;

-- Where a posted cost of a fixed price stands: estimated once a standing estimate took it, eliminated once its estimate
-- project was eliminated after that (spec 8).
CREATE VIEW finance.estimated_cost_status AS
SELECT
    cost.company,
    cost.actual_id,
    taken.voucher,
    CASE
        WHEN
            EXISTS (
                SELECT FROM finance.standing_estimate AS later
                WHERE
                    later.company = taken.company
                    AND later.contract_line_id = taken.contract_line_id
                    AND later.kind = 'elimination'
                    AND later.estimate_number > taken.estimate_number
            )
            THEN 'eliminated'
        ELSE 'estimated'
    END AS state
FROM finance.estimated_cost AS cost
JOIN finance.standing_estimate AS taken
    ON taken.company = cost.company AND taken.voucher = cost.voucher;

-- As in 0004, with what estimates say of costs.
CREATE OR REPLACE VIEW finance.transaction_status AS
SELECT
    project_transaction.company,
    project_transaction.actual_id,
    CASE
        WHEN staged_actual.transaction_type <> 'unbilled_sales' THEN coalesce(estimated.state, 'posted')
        WHEN NOT line_property.is_chargeable THEN 'non_chargeable'
        WHEN proposal.state = 'posted' OR brought_over_sale.actual_id IS NOT NULL THEN 'invoiced'
        WHEN proposal.state = 'ready' THEN 'invoice_proposal'
        ELSE 'posted'
    END AS state
FROM finance.project_transaction
JOIN finance.staged_actual
    ON
        staged_actual.company = project_transaction.company
        AND staged_actual.actual_id = project_transaction.actual_id
JOIN finance.line_property
    ON
        line_property.company = project_transaction.company
        AND line_property.line_property = project_transaction.line_property
LEFT JOIN finance.estimated_cost_status AS estimated
    ON
        estimated.company = project_transaction.company
        AND estimated.actual_id = project_transaction.actual_id
LEFT JOIN finance.proposal_line
    ON
        proposal_line.company = project_transaction.company
        AND proposal_line.transaction_id = project_transaction.actual_id
LEFT JOIN finance.proposal
    ON proposal.company = proposal_line.company AND proposal.proposal_id = proposal_line.proposal_id
LEFT JOIN finance.brought_over_sale
    ON
        brought_over_sale.company = project_transaction.company
        AND brought_over_sale.transaction_id = project_transaction.actual_id;

GRANT SELECT ON
finance.cost_template, finance.estimate_period, finance.estimate_project, finance.cost_forecast,
finance.estimate_draft, finance.estimate, finance.estimated_cost, finance.estimate_reversal,
finance.standing_estimate, finance.estimate_voucher, finance.estimated_cost_status
TO twofold_finance, twofold_dualwrite, twofold_auditor;
GRANT INSERT, UPDATE (name, completion_based_on, lines) ON finance.cost_template TO twofold_finance;
GRANT INSERT, UPDATE (name, every) ON finance.estimate_period TO twofold_finance;
GRANT INSERT, DELETE ON finance.cost_forecast, finance.estimate_draft TO twofold_finance;
GRANT INSERT ON finance.estimate, finance.estimated_cost, finance.estimate_reversal TO twofold_finance;
GRANT UPDATE (standalone_price) ON finance.contract_line TO twofold_dualwrite;
