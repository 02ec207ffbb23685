-- name: lock_proposals
-- In key order. The lock keeps lines, dates and taxes as they are, and a second poster out.
SELECT
    proposal_id,
    number,
    state::text AS state,
    review::text AS review
FROM finance.proposal
WHERE company = %(company)s::text AND proposal_id = any(%(proposal_ids)s::bigint[])
ORDER BY proposal_id
FOR UPDATE;

-- name: read_rules
SELECT coalesce(bool_or(proposals_need_approval), false) AS proposals_need_approval
FROM finance.parameter
WHERE company = %(company)s::text;

-- name: create_posting_invoice
-- The proposals to post, with what all lines of one share.
CREATE TEMPORARY TABLE posting_invoice (
    proposal_id bigint PRIMARY KEY,
    number text NOT NULL,
    customer_id bigint NOT NULL,
    currency text NOT NULL,
    precision integer NOT NULL,
    accounting_precision integer NOT NULL,
    reporting_precision integer NOT NULL,
    first_actual_id bigint NOT NULL,
    last_actual_id bigint NOT NULL,
    invoice_date date NOT NULL,
    tax_on date NOT NULL,
    due_date date,
    due_date_is_manual boolean NOT NULL,
    is_open boolean NOT NULL,
    exchange_rate numeric(19, 9),
    reporting_rate numeric(19, 9),
    posting_profile text,
    receivable_account text,
    dimension_set_id bigint
) ON COMMIT DROP;

-- name: fill_posting_invoice
-- Another invoice date means another due date, also where a person had set it (spec P32).
INSERT INTO pg_temp.posting_invoice (
    proposal_id, number, customer_id, currency, precision, accounting_precision, reporting_precision,
    first_actual_id, last_actual_id, invoice_date, tax_on, due_date, due_date_is_manual, is_open, exchange_rate,
    reporting_rate, posting_profile, receivable_account, dimension_set_id
)
SELECT
    proposal.proposal_id,
    proposal.number,
    proposal.customer_id,
    proposal.currency,
    currency.precision,
    accounting.precision AS accounting_precision,
    reporting.precision AS reporting_precision,
    proposal.first_actual_id,
    proposal.last_actual_id,
    dated.invoice_date,
    CASE parameter.tax_on WHEN 'document_date' THEN proposal.accounting_date ELSE dated.invoice_date END,
    CASE
        WHEN dated.invoice_date = proposal.invoice_date THEN proposal.due_date
        WHEN terms.payment_terms IS NULL THEN %(today)s::date
        ELSE finance.due_date(dated.invoice_date, terms.method, terms.months, terms.days, terms.cutoff_day)
    END,
    proposal.due_date_is_manual AND dated.invoice_date = proposal.invoice_date,
    exists(
        SELECT 1 FROM finance.fiscal_period
        WHERE
            fiscal_period.company = %(company)s::text
            AND fiscal_period.state = 'open'
            AND dated.invoice_date BETWEEN fiscal_period.period_start AND fiscal_period.period_end
    ),
    coalesce(agreement.rate, finance.rate_on(%(company)s::text, proposal.currency, dated.invoice_date)),
    finance.rate_on(%(company)s::text, legal_entity.reporting_currency, dated.invoice_date),
    posting_profile.posting_profile,
    posting_profile.receivable_account,
    proposal.dimension_set_id
FROM finance.proposal
CROSS JOIN LATERAL (VALUES (coalesce(%(invoice_date)s::date, proposal.invoice_date))) AS dated (invoice_date)
JOIN finance.proposal_terms AS terms
    ON terms.company = %(company)s::text AND terms.proposal_id = proposal.proposal_id
JOIN finance.legal_entity ON legal_entity.company = %(company)s::text
JOIN finance.currency ON currency.currency = proposal.currency
JOIN finance.currency AS accounting ON accounting.currency = legal_entity.accounting_currency
JOIN finance.currency AS reporting ON reporting.currency = legal_entity.reporting_currency
LEFT JOIN finance.parameter ON parameter.company = %(company)s::text
LEFT JOIN finance.contract
    ON contract.company = %(company)s::text AND contract.contract_id = proposal.contract_id
LEFT JOIN finance.customer
    ON customer.company = %(company)s::text AND customer.customer_id = proposal.customer_id
LEFT JOIN finance.fixed_rate_agreement AS agreement
    ON
        agreement.company = %(company)s::text
        AND agreement.contract_number = contract.number
        AND agreement.currency = proposal.currency
        AND agreement.currency <> legal_entity.accounting_currency
LEFT JOIN finance.customer_accounting
    ON customer_accounting.company = %(company)s::text AND customer_accounting.account = customer.account
LEFT JOIN finance.posting_profile
    ON
        posting_profile.company = %(company)s::text
        AND posting_profile.posting_profile
        = coalesce(customer_accounting.posting_profile, parameter.posting_profile)
WHERE
    proposal.company = %(company)s::text
    AND proposal.proposal_id = any(%(proposal_ids)s::bigint[])
    AND proposal.state = 'ready';

-- name: analyze_posting_invoice
ANALYZE pg_temp.posting_invoice;

-- name: create_posting_line
-- Their lines, with their dimensions. Milestones and retainers have the category set up for them, or
-- ''; stated_tax_amount is the tax as the line says so far; accrued amounts and
-- accounts as they were stored when the unbilled sale was posted. A credit has the rates, amounts
-- and revenue account of what it credits; revenue is NULL elsewhere, and found per combination.
CREATE TEMPORARY TABLE invoiced_line (
    proposal_id bigint NOT NULL,
    actual_id bigint NOT NULL,
    credited_id bigint,
    is_on_account boolean NOT NULL,
    class finance.transaction_class NOT NULL,
    project_id bigint NOT NULL,
    contract_id bigint NOT NULL,
    customer_id bigint NOT NULL,
    billing_method finance.billing_method NOT NULL,
    category_number text NOT NULL,
    tax_group text NOT NULL,
    item_tax_group text NOT NULL,
    tax_on date NOT NULL,
    taxed_as_id bigint NOT NULL DEFAULT 0,
    exchange_rate numeric(19, 9),
    reporting_rate numeric(19, 9),
    revenue_type finance.posting_type,
    revenue_account text,
    amount numeric(19, 4) NOT NULL,
    stated_tax_amount numeric(19, 4) NOT NULL,
    discount_amount numeric(19, 4) NOT NULL DEFAULT 0,
    discount_accounting_amount numeric(19, 4) NOT NULL DEFAULT 0,
    discount_account text,
    accounting_amount numeric(19, 4),
    accrued_amount numeric(19, 4) NOT NULL,
    accrued_reporting_amount numeric(19, 4) NOT NULL,
    wip_account text,
    accrued_revenue_account text,
    dimension_set_id bigint
) ON COMMIT DROP;

-- name: create_proposed_line
-- What the proposals say of their lines, apart, so that what belongs to a line is looked up by plans
-- that know how many there are.
CREATE TEMPORARY TABLE proposed_line (
    proposal_id bigint NOT NULL,
    actual_id bigint NOT NULL,
    transaction_id bigint,
    milestone_id bigint,
    on_account_origin finance.on_account_origin,
    credited_id bigint,
    tax_group text,
    item_tax_group text,
    amount numeric(19, 4) NOT NULL,
    tax_amount numeric(19, 4) NOT NULL,
    discount_amount numeric(19, 4) NOT NULL,
    dimension_set_id bigint
) ON COMMIT DROP;

-- name: fill_proposed_line
-- OFFSET 0 keeps one range of keys read per proposal, whatever the statistics say.
INSERT INTO pg_temp.proposed_line (
    proposal_id, actual_id, transaction_id, milestone_id, on_account_origin, credited_id, tax_group,
    item_tax_group, amount, tax_amount, discount_amount, dimension_set_id
)
SELECT
    invoice.proposal_id,
    line.actual_id,
    line.transaction_id,
    line.milestone_id,
    line.on_account_origin,
    line.credited_id,
    line.tax_group,
    line.item_tax_group,
    line.amount,
    line.tax_amount,
    line.discount_amount,
    line.dimension_set_id
FROM pg_temp.posting_invoice AS invoice
CROSS JOIN
    LATERAL (
        SELECT *
        FROM finance.proposal_line
        WHERE
            proposal_line.company = %(company)s::text
            AND proposal_line.actual_id BETWEEN invoice.first_actual_id AND invoice.last_actual_id
            AND proposal_line.proposal_id = invoice.proposal_id
        ORDER BY proposal_line.actual_id
        OFFSET 0
    ) AS line;

-- name: analyze_proposed_line
ANALYZE pg_temp.proposed_line (proposal_id, actual_id, transaction_id, milestone_id);

-- name: fill_posting_line
INSERT INTO pg_temp.invoiced_line (
    proposal_id, actual_id, credited_id, is_on_account, class, project_id, contract_id, customer_id, billing_method,
    category_number, tax_group, item_tax_group, tax_on, exchange_rate, reporting_rate, amount, stated_tax_amount,
    discount_amount, discount_accounting_amount, accounting_amount, accrued_amount, accrued_reporting_amount,
    wip_account, accrued_revenue_account, dimension_set_id
)
SELECT
    invoice.proposal_id,
    line.actual_id,
    line.credited_id,
    num_nonnulls(line.milestone_id, line.on_account_origin) = 1,
    sale.class,
    coalesce(on_account.project_id, sale.project_id),
    coalesce(on_account.contract_id, sale.contract_id, 0),
    invoice.customer_id,
    coalesce(contract_line.billing_method, 'time_and_material'),
    coalesce(posted.category_number, on_account_category.category_number, ''),
    coalesce(line.tax_group, ''),
    coalesce(line.item_tax_group, ''),
    invoice.tax_on,
    invoice.exchange_rate,
    invoice.reporting_rate,
    line.amount,
    line.tax_amount,
    line.discount_amount,
    round(line.discount_amount * coalesce(invoice.exchange_rate, 0) / 100, invoice.accounting_precision),
    round(line.amount * invoice.exchange_rate / 100, invoice.accounting_precision),
    coalesce(posted.accrued_amount, 0),
    coalesce(posted.accrued_reporting_amount, 0),
    posted.wip_account,
    posted.accrued_revenue_account,
    line.dimension_set_id
FROM pg_temp.proposed_line AS line
JOIN pg_temp.posting_invoice AS invoice ON invoice.proposal_id = line.proposal_id
JOIN finance.staged_actual AS sale
    ON sale.company = %(company)s::text AND sale.actual_id = line.actual_id
LEFT JOIN finance.project_transaction AS posted
    ON posted.company = %(company)s::text AND posted.actual_id = line.transaction_id
LEFT JOIN finance.on_account_transaction AS on_account
    ON on_account.company = %(company)s::text AND on_account.milestone_id = line.milestone_id
LEFT JOIN finance.category_default AS on_account_category
    ON
        on_account_category.company = %(company)s::text
        AND on_account_category.class = sale.class
        AND num_nonnulls(line.milestone_id, line.on_account_origin) = 1
LEFT JOIN finance.contract_line
    ON
        contract_line.company = %(company)s::text
        AND contract_line.contract_line_id = coalesce(on_account.contract_line_id, sale.contract_line_id);

-- name: fill_posting_fee
INSERT INTO pg_temp.invoiced_line (
    proposal_id, actual_id, credited_id, is_on_account, class, project_id, contract_id, customer_id, billing_method,
    category_number, tax_group, item_tax_group, tax_on, exchange_rate, reporting_rate, amount, stated_tax_amount,
    accounting_amount, accrued_amount, accrued_reporting_amount, wip_account, accrued_revenue_account,
    dimension_set_id
)
SELECT
    invoice.proposal_id,
    line.actual_id,
    line.credited_id,
    false,
    fee_line.class,
    fee_line.project_id,
    coalesce(fee_line.contract_id, 0),
    invoice.customer_id,
    coalesce(contract_line.billing_method, 'time_and_material'),
    coalesce(posted.category_number, ''),
    coalesce(line.tax_group, ''),
    coalesce(line.item_tax_group, ''),
    invoice.tax_on,
    invoice.exchange_rate,
    invoice.reporting_rate,
    line.amount,
    line.tax_amount,
    round(line.amount * invoice.exchange_rate / 100, invoice.accounting_precision),
    coalesce(posted.accrued_amount, 0),
    coalesce(posted.accrued_reporting_amount, 0),
    posted.wip_account,
    posted.accrued_revenue_account,
    line.dimension_set_id
FROM pg_temp.posting_invoice AS invoice
JOIN finance.proposal_line AS line
    ON
        line.company = %(company)s::text
        AND line.actual_id BETWEEN -invoice.last_actual_id AND -invoice.first_actual_id
        AND line.proposal_id = invoice.proposal_id
JOIN finance.fee_line
    ON fee_line.company = %(company)s::text AND fee_line.actual_id = line.actual_id
LEFT JOIN finance.project_transaction AS posted
    ON posted.company = %(company)s::text AND posted.actual_id = line.transaction_id
LEFT JOIN finance.contract_line
    ON contract_line.company = %(company)s::text AND contract_line.contract_line_id = fee_line.contract_line_id;

-- name: analyze_posting_line
-- What is joined, grouped and asked for; amounts are not, and cost most.
ANALYZE pg_temp.invoiced_line (
    proposal_id, actual_id, credited_id, is_on_account, class, project_id, contract_id, billing_method,
    category_number, tax_group, item_tax_group, tax_on, discount_amount, accrued_amount
);

-- name: place_retainers
-- A retainer belongs to a contract, not to a line of it: its profile is the one for fixed price where
-- all lines of the contract are, else the one for time and material, which such a line has already.
UPDATE pg_temp.invoiced_line AS line
SET billing_method = 'fixed_price'
FROM (
    SELECT contract_id
    FROM finance.contract_line
    WHERE company = %(company)s::text
    GROUP BY contract_id
    HAVING bool_and(billing_method = 'fixed_price')
) AS contract
WHERE line.class = 'retainer' AND line.contract_id = contract.contract_id;

-- name: mirror_credits
-- A credit takes back what its original posted, in every currency and on its account (spec P23,
-- P26.3); its tax too, unless somebody gave it other groups: then by the setup, on the day whose
-- rates its original has.
UPDATE pg_temp.invoiced_line AS credit
SET
    tax_on = CASE parameter.tax_on WHEN 'document_date' THEN corrected.accounting_date ELSE invoice.invoice_date END,
    taxed_as_id = CASE
        WHEN
            (credit.tax_group, credit.item_tax_group)
            = (coalesce(line.tax_group, ''), coalesce(line.item_tax_group, ''))
            THEN invoice.proposal_id
        ELSE 0
    END,
    exchange_rate = original.exchange_rate,
    reporting_rate = invoice.reporting_rate,
    revenue_type = original.revenue_type,
    revenue_account = original.revenue_account,
    accounting_amount = -original.accounting_amount,
    discount_accounting_amount = -original.discount_accounting_amount,
    discount_account = original.discount_account
FROM finance.invoice_line AS original
JOIN finance.proposal_line AS line
    ON line.company = %(company)s::text AND line.actual_id = original.actual_id
JOIN finance.customer_invoice AS invoice
    ON invoice.company = %(company)s::text AND invoice.proposal_id = original.proposal_id
JOIN finance.proposal AS corrected
    ON corrected.company = %(company)s::text AND corrected.proposal_id = original.proposal_id
JOIN finance.parameter ON parameter.company = %(company)s::text
WHERE
    credit.credited_id IS NOT NULL
    AND original.company = %(company)s::text
    AND original.actual_id = credit.credited_id;

-- name: name_taxed_pairs
INSERT INTO pg_temp.taxed_pair (tax_group, item_tax_group, tax_on, taxed_as_id)
SELECT DISTINCT
    tax_group,
    item_tax_group,
    tax_on,
    taxed_as_id
FROM pg_temp.invoiced_line;

-- name: name_profiles
-- Only on-account amounts ask for the profile: where work is revenue, every profile agrees.
INSERT INTO pg_temp.needed_profile (project_id, contract_id, billing_method)
SELECT DISTINCT
    project_id,
    contract_id,
    billing_method
FROM pg_temp.invoiced_line
WHERE is_on_account;

-- name: create_posting_revenue
-- The posting type and account that take the revenue of lines that bill, per what they depend on;
-- no type without a profile, no account without a posting setup.
CREATE TEMPORARY TABLE posting_revenue (
    is_on_account boolean NOT NULL,
    project_id bigint NOT NULL,
    contract_id bigint NOT NULL,
    customer_id bigint NOT NULL,
    billing_method finance.billing_method NOT NULL,
    category_number text NOT NULL,
    class finance.transaction_class NOT NULL,
    tax_group text NOT NULL,
    posting_type finance.posting_type,
    account text,
    PRIMARY KEY (
        is_on_account, project_id, contract_id, customer_id, billing_method, category_number, class, tax_group
    )
) ON COMMIT DROP;

-- name: fill_posting_revenue
INSERT INTO pg_temp.posting_revenue (
    is_on_account, project_id, contract_id, customer_id, billing_method, category_number, class, tax_group, posting_type
)
SELECT DISTINCT
    line.is_on_account,
    line.project_id,
    line.contract_id,
    line.customer_id,
    line.billing_method,
    line.category_number,
    line.class,
    line.tax_group,
    CASE
        WHEN NOT line.is_on_account THEN 'invoiced_revenue'
        WHEN revenue_profile.on_account = 'profit_and_loss' THEN 'invoiced_revenue_on_account'
        WHEN revenue_profile.on_account = 'balance' THEN 'wip_invoiced_on_account'
    END::finance.posting_type
FROM pg_temp.invoiced_line AS line
LEFT JOIN pg_temp.found_profile
    ON
        found_profile.project_id = line.project_id
        AND found_profile.contract_id = line.contract_id
        AND found_profile.billing_method = line.billing_method
        AND line.is_on_account
LEFT JOIN finance.revenue_profile
    ON revenue_profile.company = %(company)s::text AND revenue_profile.profile = found_profile.profile
WHERE line.credited_id IS NULL;

-- name: analyze_posting_revenue
ANALYZE pg_temp.posting_revenue;

-- name: name_accounts
INSERT INTO pg_temp.needed_account (
    posting_type, project_id, category_number, class, contract_id, customer_id, tax_group
)
SELECT
    posting_type,
    project_id,
    category_number,
    class,
    contract_id,
    customer_id,
    tax_group
FROM pg_temp.posting_revenue
WHERE posting_type IS NOT NULL
UNION
SELECT
    'invoiced_revenue',
    line.project_id,
    parameter.line_discount_category,
    'fee',
    line.contract_id,
    line.customer_id,
    line.tax_group
FROM pg_temp.invoiced_line AS line
JOIN finance.parameter ON parameter.company = %(company)s::text
WHERE
    line.discount_amount <> 0
    AND line.credited_id IS NULL
    AND parameter.line_discount_category IS NOT NULL;

-- name: place_revenue
UPDATE pg_temp.posting_revenue AS revenue
SET account = found.account
FROM pg_temp.found_account AS found
WHERE
    found.posting_type = revenue.posting_type
    AND found.project_id = revenue.project_id
    AND found.category_number = revenue.category_number
    AND found.class = revenue.class
    AND found.contract_id = revenue.contract_id
    AND found.customer_id = revenue.customer_id
    AND found.tax_group = revenue.tax_group;

-- name: place_discounts
-- A discount that posts on its own takes its category's part of the revenue (spec P33, 4.15).
UPDATE pg_temp.invoiced_line AS line
SET discount_account = found.account
FROM finance.parameter
JOIN pg_temp.found_account AS found
    ON
        found.posting_type = 'invoiced_revenue'
        AND found.category_number = parameter.line_discount_category
        AND found.class = 'fee'
WHERE
    parameter.company = %(company)s::text
    AND found.project_id = line.project_id
    AND found.contract_id = line.contract_id
    AND found.customer_id = line.customer_id
    AND found.tax_group = line.tax_group
    AND line.discount_amount <> 0
    AND line.credited_id IS NULL;

-- name: read_problems
-- Everything that speaks against posting, for all proposals at once.
WITH problem AS (
    SELECT
        proposal_id,
        'ERR-F08' AS code,
        'invoice_date' AS field,
        invoice_date::text AS value
    FROM pg_temp.posting_invoice
    WHERE NOT is_open
    UNION ALL
    SELECT
        proposal_id,
        'ERR-F07',
        'posting_profile',
        ''
    FROM pg_temp.posting_invoice
    WHERE receivable_account IS NULL
    UNION ALL
    SELECT
        proposal_id,
        'ERR-A10',
        'payment_terms',
        ''
    FROM pg_temp.posting_invoice
    WHERE due_date IS NULL
    UNION ALL
    SELECT
        invoice.proposal_id,
        'ERR-I04',
        'exchange_rate',
        missing.currency || ' ' || invoice.invoice_date
    FROM pg_temp.posting_invoice AS invoice
    JOIN finance.legal_entity ON legal_entity.company = %(company)s::text
    CROSS JOIN
        LATERAL (
            VALUES
            (invoice.currency, invoice.exchange_rate),
            (legal_entity.reporting_currency, invoice.reporting_rate)
        ) AS missing (currency, rate)
    WHERE missing.rate IS NULL
    UNION ALL
    SELECT DISTINCT
        line.proposal_id,
        'ERR-F10',
        'tax_code',
        line_tax.tax_code || ' ' || line_tax.tax_on
    FROM pg_temp.line_tax
    JOIN pg_temp.invoiced_line AS line
        ON
            line.tax_group = line_tax.tax_group
            AND line.item_tax_group = line_tax.item_tax_group
            AND line.tax_on = line_tax.tax_on
            AND line.taxed_as_id = line_tax.taxed_as_id
    WHERE line_tax.rate IS NULL
    UNION ALL
    SELECT DISTINCT
        line.proposal_id,
        'ERR-J06',
        'project',
        'project ' || project.number
    FROM finance.project
    JOIN pg_temp.invoiced_line AS line ON line.project_id = project.project_id
    WHERE
        project.company = %(company)s::text
        AND project.state <> 'in_process'
        -- A finished project takes nothing new, but what was invoiced can be taken back.
        AND line.credited_id IS NULL
    UNION ALL
    SELECT DISTINCT
        line.proposal_id,
        CASE WHEN revenue.posting_type IS NULL THEN 'ERR-I08' ELSE 'ERR-J03' END,
        CASE WHEN revenue.posting_type IS NULL THEN 'profile_rule' ELSE 'account' END,
        concat_ws(
            ' ',
            revenue.posting_type,
            'project ' || project.number,
            'category ' || nullif(revenue.category_number, '')
        )
    FROM pg_temp.posting_revenue AS revenue
    JOIN pg_temp.invoiced_line AS line
        ON
            line.is_on_account = revenue.is_on_account
            AND line.project_id = revenue.project_id
            AND line.contract_id = revenue.contract_id
            AND line.customer_id = revenue.customer_id
            AND line.tax_group = revenue.tax_group
            AND line.billing_method = revenue.billing_method
            AND line.category_number = revenue.category_number
            AND line.class = revenue.class
            AND line.credited_id IS NULL
    JOIN finance.project
        ON project.company = %(company)s::text AND project.project_id = revenue.project_id
    WHERE revenue.account IS NULL
    UNION ALL
    SELECT DISTINCT
        line.proposal_id,
        'ERR-J03',
        'account',
        concat_ws(
            ' ',
            'invoiced_revenue project',
            project.number,
            'category',
            coalesce(parameter.line_discount_category, 'of line discounts')
        )
    FROM pg_temp.invoiced_line AS line
    JOIN finance.parameter ON parameter.company = %(company)s::text
    JOIN finance.project
        ON project.company = %(company)s::text AND project.project_id = line.project_id
    WHERE line.discount_amount <> 0 AND line.discount_account IS NULL
)

SELECT
    posting_invoice.number,
    problem.code,
    problem.field,
    problem.value
FROM problem
JOIN pg_temp.posting_invoice ON posting_invoice.proposal_id = problem.proposal_id
ORDER BY posting_invoice.proposal_id, problem.code, problem.value;

-- name: drop_posting_invoice
DROP TABLE
pg_temp.posting_invoice, pg_temp.proposed_line, pg_temp.invoiced_line, pg_temp.posting_revenue;

-- name: read_ready
SELECT
    proposal_id,
    number,
    first_actual_id,
    last_actual_id
FROM pg_temp.posting_invoice
ORDER BY proposal_id;
