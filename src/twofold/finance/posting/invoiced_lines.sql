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

-- name: drop_invoiced_lines
DROP TABLE pg_temp.proposed_line, pg_temp.invoiced_line, pg_temp.posting_revenue;
