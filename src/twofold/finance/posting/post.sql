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
DROP TABLE pg_temp.posting_invoice;

-- name: read_ready
SELECT
    proposal_id,
    number,
    first_actual_id,
    last_actual_id
FROM pg_temp.posting_invoice
ORDER BY proposal_id;
