-- The finance book: legal entities, accounts, tax, rates, and the rules of posting.
-- Accounting attributes of customers, contracts, projects and categories are keyed by number,
-- so that an accountant can enter them before the record arrives from operations.

CREATE SCHEMA finance;

CREATE TYPE finance.transaction_type AS ENUM (
    'cost', 'unbilled_sales', 'billed_sales', 'resourcing_unit_cost', 'interorganizational_sales'
);
CREATE TYPE finance.transaction_class AS ENUM ('time', 'expense', 'material', 'milestone', 'fee', 'retainer');
CREATE TYPE finance.billing_type AS ENUM (
    'not_specified', 'non_chargeable', 'chargeable', 'complimentary', 'not_available'
);
CREATE TYPE finance.billing_method AS ENUM ('time_and_material', 'fixed_price');

-- As operations.take_keys: a block of keys, the lock held for this call only.
CREATE FUNCTION finance.take_keys(sequence_name regclass, how_many bigint) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog
AS $$
DECLARE
    first_key bigint;
BEGIN
    PERFORM pg_advisory_lock(1, sequence_name::oid::integer);
    first_key := nextval(sequence_name);
    PERFORM setval(sequence_name, first_key + greatest(how_many, 1) - 1);
    PERFORM pg_advisory_unlock(1, sequence_name::oid::integer);
    RETURN first_key;
END
$$;

CREATE TABLE finance.currency (
    currency text PRIMARY KEY CHECK (currency ~ '^[A-Z]{3}$'),
    precision integer NOT NULL CHECK (precision BETWEEN 0 AND 4)
);

-- ISO 4217, with the decimals of the minor unit.
INSERT INTO finance.currency (currency, precision)
VALUES
('AED', 2), ('AUD', 2), ('BHD', 3), ('BRL', 2), ('CAD', 2), ('CHF', 2), ('CLF', 4), ('CLP', 0), ('CNY', 2),
('CZK', 2), ('DKK', 2), ('EUR', 2), ('GBP', 2), ('HKD', 2), ('HUF', 2), ('IDR', 2), ('ILS', 2), ('INR', 2),
('ISK', 0), ('JPY', 0), ('KRW', 0), ('KWD', 3), ('MXN', 2), ('MYR', 2), ('NOK', 2), ('NZD', 2), ('OMR', 3),
('PHP', 2), ('PLN', 2), ('RON', 2), ('SAR', 2), ('SEK', 2), ('SGD', 2), ('THB', 2), ('TND', 3), ('TRY', 2),
('TWD', 2), ('USD', 2), ('VND', 0), ('ZAR', 2);

CREATE TABLE finance.legal_entity (
    company text PRIMARY KEY CHECK (company ~ '^\S(.*\S)?$'),
    name text NOT NULL,
    accounting_currency text NOT NULL REFERENCES finance.currency (currency),
    reporting_currency text NOT NULL REFERENCES finance.currency (currency),
    change_set_id bigint NOT NULL
);

CREATE TYPE finance.account_kind AS ENUM ('asset', 'liability', 'equity', 'revenue', 'expense');

CREATE TABLE finance.main_account (
    company text NOT NULL REFERENCES finance.legal_entity (company),
    account text NOT NULL CHECK (account <> ''),
    name text NOT NULL,
    kind finance.account_kind NOT NULL,
    PRIMARY KEY (company, account)
);

CREATE TYPE finance.period_state AS ENUM ('open', 'on_hold', 'closed');

CREATE TABLE finance.fiscal_period (
    company text NOT NULL REFERENCES finance.legal_entity (company),
    period_start date NOT NULL,
    period_end date NOT NULL,
    state finance.period_state NOT NULL,
    PRIMARY KEY (company, period_start),
    CONSTRAINT period_ends_after_start CHECK (period_end >= period_start)
);

-- rate: accounting currency for 100 units of currency, valid from valid_from until the next row.
CREATE TABLE finance.exchange_rate (
    company text NOT NULL REFERENCES finance.legal_entity (company),
    currency text NOT NULL REFERENCES finance.currency (currency),
    valid_from date NOT NULL,
    rate numeric(19, 9) NOT NULL CHECK (rate > 0),
    change_set_id bigint NOT NULL,
    PRIMARY KEY (company, currency, valid_from)
);

-- The rates as they leave for operations: from the currency into the company's own.
CREATE VIEW finance.ledger_exchange_rate AS
SELECT
    exchange_rate.company,
    'Default' AS rate_type,
    exchange_rate.currency AS from_currency,
    legal_entity.accounting_currency AS to_currency,
    exchange_rate.valid_from,
    exchange_rate.rate,
    exchange_rate.change_set_id
FROM finance.exchange_rate
JOIN finance.legal_entity ON legal_entity.company = exchange_rate.company;

-- Fixed-rate agreement: overrides the company's rate for the sales of one contract, per 100 units.
CREATE TABLE finance.fixed_rate_agreement (
    company text NOT NULL REFERENCES finance.legal_entity (company),
    contract_number text NOT NULL CHECK (contract_number <> ''),
    currency text NOT NULL REFERENCES finance.currency (currency),
    rate numeric(19, 9) NOT NULL CHECK (rate > 0),
    PRIMARY KEY (company, contract_number, currency)
);

CREATE TYPE finance.sequence_reference AS ENUM (
    'integration_journal', 'integration_journal_voucher', 'customer_invoice', 'customer_invoice_voucher',
    'customer_payment_voucher', 'accrual_adjustment_voucher', 'year_end_voucher', 'estimate_voucher',
    'general_journal', 'general_journal_voucher', 'vendor_invoice_voucher'
);

-- A number is prefix followed by next_number in `digits` digits. The row lock is held to the
-- end of the transaction that draws from it, so that a rolled-back number is not lost.
-- is_continuous: no number may be missing. No number lies above highest_number; a blocked
-- sequence gives none.
CREATE TABLE finance.number_sequence (
    company text NOT NULL REFERENCES finance.legal_entity (company),
    reference finance.sequence_reference NOT NULL,
    prefix text NOT NULL,
    digits integer NOT NULL CHECK (digits BETWEEN 1 AND 18),
    next_number bigint NOT NULL CHECK (next_number > 0),
    is_continuous boolean NOT NULL DEFAULT true,
    lowest_number bigint NOT NULL DEFAULT 1 CHECK (lowest_number > 0),
    highest_number bigint CHECK (highest_number > 0),
    is_blocked boolean NOT NULL DEFAULT false,
    PRIMARY KEY (company, reference),
    CONSTRAINT prefix_tells_sequences_apart UNIQUE (company, prefix),
    -- One past the highest number: all are given.
    CONSTRAINT next_number_lies_in_its_range CHECK (
        next_number >= lowest_number AND next_number <= coalesce(highest_number + 1, next_number)
    )
);

-- net: days and months after the invoice date. current_week, _month, _quarter, _year: after the end
-- of its week (Sunday), month, quarter or year. cash_on_delivery: on the invoice date.
CREATE TYPE finance.payment_method AS ENUM (
    'net', 'current_month', 'current_week', 'current_quarter', 'current_year', 'cash_on_delivery'
);

CREATE TABLE finance.payment_terms (
    company text NOT NULL REFERENCES finance.legal_entity (company),
    payment_terms text NOT NULL CHECK (payment_terms <> ''),
    method finance.payment_method NOT NULL,
    months integer NOT NULL DEFAULT 0 CHECK (months >= 0),
    days integer NOT NULL DEFAULT 0 CHECK (days >= 0),
    -- An invoice dated after this day of its month counts as one of the next month.
    cutoff_day integer CHECK (cutoff_day BETWEEN 1 AND 31),
    -- How many days after the due date those who have these terms pay.
    buffer_days integer NOT NULL DEFAULT 0 CHECK (buffer_days >= 0),
    PRIMARY KEY (company, payment_terms),
    CONSTRAINT cutoff_day_belongs_to_months CHECK (cutoff_day IS NULL OR method = 'current_month'),
    CONSTRAINT cash_is_due_at_once CHECK (method <> 'cash_on_delivery' OR (months = 0 AND days = 0))
);

-- When an invoice is due; NULL without terms. A day that the month reached does not have
-- becomes its last day.
CREATE FUNCTION finance.due_date(
    invoice_date date, method finance.payment_method, months integer, days integer, cutoff_day integer DEFAULT NULL
)
RETURNS date
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT CASE method
        WHEN 'net' THEN (invoice_date + make_interval(months => months))::date + days
        WHEN 'current_month'
            THEN
                (
                    date_trunc('month', invoice_date::timestamp)
                    + make_interval(
                        months => months + CASE WHEN extract(day FROM invoice_date) > cutoff_day THEN 2 ELSE 1 END
                    )
                )::date - 1 + days
        WHEN 'current_week'
            THEN
                (date_trunc('week', invoice_date::timestamp)::date + 6 + make_interval(months => months))::date
                + days
        WHEN 'current_quarter'
            THEN
                (date_trunc('quarter', invoice_date::timestamp) + make_interval(months => months + 3))::date - 1 + days
        WHEN 'current_year'
            THEN
                (date_trunc('year', invoice_date::timestamp) + make_interval(months => months + 12))::date - 1 + days
        WHEN 'cash_on_delivery' THEN invoice_date
    END
$$;

-- Customer posting profile: where a customer's balance is kept.
CREATE TABLE finance.posting_profile (
    company text NOT NULL,
    posting_profile text NOT NULL CHECK (posting_profile <> ''),
    receivable_account text NOT NULL,
    PRIMARY KEY (company, posting_profile),
    FOREIGN KEY (company, receivable_account) REFERENCES finance.main_account (company, account)
);

CREATE TABLE finance.tax_code (
    company text NOT NULL,
    tax_code text NOT NULL CHECK (tax_code <> ''),
    name text NOT NULL,
    payable_account text NOT NULL,
    -- How much of it, where the company itself pays it, nobody gives back: it is part of the cost.
    nondeductible_percent numeric(7, 4) NOT NULL DEFAULT 0 CHECK (nondeductible_percent BETWEEN 0 AND 100),
    PRIMARY KEY (company, tax_code),
    FOREIGN KEY (company, payable_account) REFERENCES finance.main_account (company, account)
);

-- rate: percent of the base, valid from valid_from until the next row, or the end of valid_to.
CREATE TABLE finance.tax_rate (
    company text NOT NULL,
    tax_code text NOT NULL,
    valid_from date NOT NULL,
    rate numeric(9, 4) NOT NULL CHECK (rate >= 0),
    valid_to date,
    PRIMARY KEY (company, tax_code, valid_from),
    FOREIGN KEY (company, tax_code) REFERENCES finance.tax_code (company, tax_code),
    CONSTRAINT rate_ends_after_it_begins CHECK (valid_to >= valid_from)
);

-- Who is taxed (customer or project side) and what is taxed. The codes both groups hold apply.
CREATE TABLE finance.tax_group_code (
    company text NOT NULL,
    tax_group text NOT NULL CHECK (tax_group <> ''),
    tax_code text NOT NULL,
    PRIMARY KEY (company, tax_group, tax_code),
    FOREIGN KEY (company, tax_code) REFERENCES finance.tax_code (company, tax_code)
);

CREATE TABLE finance.item_tax_group_code (
    company text NOT NULL,
    item_tax_group text NOT NULL CHECK (item_tax_group <> ''),
    tax_code text NOT NULL,
    PRIMARY KEY (company, item_tax_group, tax_code),
    FOREIGN KEY (company, tax_code) REFERENCES finance.tax_code (company, tax_code)
);

CREATE TABLE finance.line_property (
    company text NOT NULL REFERENCES finance.legal_entity (company),
    line_property text NOT NULL CHECK (line_property <> ''),
    name text NOT NULL,
    is_chargeable boolean NOT NULL,
    is_accruable boolean NOT NULL,
    PRIMARY KEY (company, line_property)
);

-- Billing type → line property. Every billing type needs its row, or confirming is refused (ERR-D02).
CREATE TABLE finance.billing_type_line_property (
    company text NOT NULL,
    billing_type finance.billing_type NOT NULL,
    line_property text NOT NULL,
    PRIMARY KEY (company, billing_type),
    FOREIGN KEY (company, line_property) REFERENCES finance.line_property (company, line_property)
);

-- Project category: a shared category as one company uses it for one transaction class.
CREATE TABLE finance.project_category (
    company text NOT NULL REFERENCES finance.legal_entity (company),
    category_number text NOT NULL CHECK (category_number <> ''),
    class finance.transaction_class NOT NULL,
    category_group text,
    item_tax_group text,
    is_active boolean NOT NULL DEFAULT true,
    PRIMARY KEY (company, category_number, class)
);

-- Used where the actual names no category.
CREATE TABLE finance.category_default (
    company text NOT NULL,
    class finance.transaction_class NOT NULL,
    category_number text NOT NULL,
    PRIMARY KEY (company, class),
    FOREIGN KEY (company, category_number, class)
    REFERENCES finance.project_category (company, category_number, class)
);

-- no_ledger: post later. never_ledger: hours that are never posted.
CREATE TYPE finance.ledger_status AS ENUM ('no_ledger', 'balance', 'profit_and_loss', 'never_ledger');
CREATE TYPE finance.completion_principle AS ENUM (
    'none', 'no_wip', 'completed_contract', 'completed_percentage', 'straight_line'
);
CREATE TYPE finance.matching_principle AS ENUM ('none', 'no_matching', 'sales_value', 'production_and_profit');

-- Cost and revenue profile (ProjRevenueProfile): the ledger treatment of a project's transactions.
CREATE TABLE finance.revenue_profile (
    company text NOT NULL REFERENCES finance.legal_entity (company),
    profile text NOT NULL CHECK (profile <> ''),
    name text NOT NULL,
    billing_method finance.billing_method NOT NULL,
    hour_costs finance.ledger_status NOT NULL,
    expense_costs finance.ledger_status NOT NULL CHECK (expense_costs IN ('balance', 'profit_and_loss')),
    item_costs finance.ledger_status NOT NULL CHECK (item_costs IN ('balance', 'profit_and_loss')),
    on_account finance.ledger_status NOT NULL CHECK (on_account IN ('balance', 'profit_and_loss')),
    accrues_hours boolean NOT NULL,
    accrues_expenses boolean NOT NULL,
    accrues_items boolean NOT NULL,
    accrues_fees boolean NOT NULL,
    completion finance.completion_principle NOT NULL,
    matching finance.matching_principle NOT NULL,
    -- How and how often a fixed-price project is estimated, and the category of its sales value.
    template text CHECK (template <> ''),
    period text CHECK (period <> ''),
    sales_value_category text CHECK (sales_value_category <> ''),
    PRIMARY KEY (company, profile),
    -- CP-1: revenue is accrued only where the cost is in profit and loss.
    CONSTRAINT accrual_needs_cost_in_profit_and_loss CHECK (
        (NOT accrues_hours OR hour_costs = 'profit_and_loss')
        AND (NOT accrues_expenses OR expense_costs = 'profit_and_loss')
        AND (NOT accrues_items OR item_costs = 'profit_and_loss')
    ),
    -- CP-2, CP-4: estimates belong to fixed price, accrual to time and material.
    CONSTRAINT fixed_price_estimates_and_does_not_accrue CHECK (
        CASE billing_method
            WHEN 'fixed_price'
                THEN
                    completion <> 'none' AND NOT (accrues_hours OR accrues_expenses OR accrues_items OR accrues_fees)
            ELSE completion = 'none' AND matching = 'none'
        END
    ),
    -- CP-3
    CONSTRAINT no_wip_invoices_to_profit_and_loss CHECK (completion <> 'no_wip' OR on_account = 'profit_and_loss'),
    CONSTRAINT only_fixed_price_is_estimated CHECK (
        billing_method = 'fixed_price' OR num_nonnulls(template, period, sales_value_category) = 0
    ),
    CONSTRAINT sales_value_needs_a_match CHECK (
        sales_value_category IS NULL OR matching IN ('sales_value', 'production_and_profit')
    )
);

-- Which profile applies: project before project group before contract before all, or the contract
-- before the group where parameter.profile_rule_order says so (decision Q-15).
CREATE TABLE finance.profile_rule (
    company text NOT NULL,
    billing_method finance.billing_method NOT NULL,
    project_number text,
    project_group text,
    contract_number text,
    profile text NOT NULL,
    FOREIGN KEY (company, profile) REFERENCES finance.revenue_profile (company, profile),
    CONSTRAINT rule_is_stated_once UNIQUE NULLS NOT DISTINCT (
        company, billing_method, project_number, project_group, contract_number
    ),
    CONSTRAINT rule_names_one_thing CHECK (num_nonnulls(project_number, project_group, contract_number) <= 1)
);

CREATE TYPE finance.posting_type AS ENUM (
    'cost', 'wip_cost_value', 'wip_cost_value_item', 'payroll_allocation', 'cost_item', 'expense_offset',
    'invoiced_revenue', 'invoiced_revenue_on_account', 'wip_invoiced_on_account',
    'wip_sales_value', 'accrued_revenue', 'customer_balance', 'sales_tax_payable', 'penny_difference',
    'bank', 'exchange_rate_difference', 'accrual_offset', 'retained_earnings', 'year_end_closing',
    'contract_variance', 'general_journal_offset', 'vendor_balance', 'sales_tax_receivable'
);

-- Ledger posting setup (ProjPosting): exact project, then its group, then all; exact category,
-- then its group, then all. The project side varies slowest, unless project_accounting.account_search
-- says that the category does. Of rows for the same project side and category side one may be for a funding
-- source (a contract and the customer who pays), one for a sales tax group: in this order they win.
CREATE TABLE finance.posting_setup (
    company text NOT NULL,
    posting_type finance.posting_type NOT NULL,
    project_number text,
    project_group text,
    category_number text,
    category_group text,
    contract_number text,
    payer text,
    tax_group text,
    account text NOT NULL,
    FOREIGN KEY (company, account) REFERENCES finance.main_account (company, account),
    CONSTRAINT posting_is_stated_once UNIQUE NULLS NOT DISTINCT (
        company, posting_type, project_number, project_group, category_number, category_group, contract_number,
        payer, tax_group
    ),
    CONSTRAINT posting_names_one_project_side CHECK (num_nonnulls(project_number, project_group) <= 1),
    CONSTRAINT posting_names_one_category_side CHECK (num_nonnulls(category_number, category_group) <= 1),
    CONSTRAINT posting_names_contract_and_payer CHECK ((contract_number IS NULL) = (payer IS NULL))
);

CREATE TYPE finance.tax_group_method AS ENUM ('project', 'contract', 'customer', 'search');
CREATE TYPE finance.item_tax_group_method AS ENUM ('item', 'category');
CREATE TYPE finance.period_unit AS ENUM ('days', 'months', 'years', 'all');
CREATE TYPE finance.voucher_unit AS ENUM ('line', 'journal_and_date', 'journal');
CREATE TYPE finance.profile_rule_order AS ENUM ('group_first', 'contract_first');
CREATE TYPE finance.account_search AS ENUM ('project_first', 'category_first');
CREATE TYPE finance.tax_day AS ENUM ('invoice_date', 'document_date');

-- Project management and accounting parameters, one row per company.
CREATE TABLE finance.parameter (
    company text PRIMARY KEY REFERENCES finance.legal_entity (company),
    tax_group_method finance.tax_group_method NOT NULL DEFAULT 'search',
    item_tax_group_method finance.item_tax_group_method NOT NULL DEFAULT 'category',
    milestone_item_tax_group text,
    -- A project category of class fee. Where it is given, discounts are posted on their own at invoicing,
    -- to its invoiced revenue; where it is not, all is posted less discount.
    line_discount_category text,
    moves_accounting_date_to_open_period boolean NOT NULL DEFAULT false,
    period_unit finance.period_unit NOT NULL DEFAULT 'months',
    journal_lines_max integer CHECK (journal_lines_max > 0),
    voucher_per finance.voucher_unit NOT NULL DEFAULT 'line',
    profile_rule_order finance.profile_rule_order NOT NULL DEFAULT 'group_first',
    -- The day whose rates lines are taxed with: that of the invoice, or of the confirmed proforma.
    tax_on finance.tax_day NOT NULL DEFAULT 'invoice_date',
    proposals_need_approval boolean NOT NULL DEFAULT false,
    posting_workers integer NOT NULL DEFAULT 2 CHECK (posting_workers > 0),
    -- How many days the money takes once it is paid.
    payment_buffer_days integer NOT NULL DEFAULT 0 CHECK (payment_buffer_days >= 0),
    posting_profile text NOT NULL,
    -- Apply sales taxation rules: tax on what the company buys is cost, all of it.
    purchase_tax_is_cost boolean NOT NULL DEFAULT false,
    -- Allow updates to project dimensions for accounts receivable.
    receivable_dimensions_may_change boolean NOT NULL DEFAULT false,
    FOREIGN KEY (company, posting_profile) REFERENCES finance.posting_profile (company, posting_profile)
);

-- Accounting attributes the accountant gives to records that operations owns. A customer that
-- finance creates has a name and a currency here; operations takes it over and owns them then.
CREATE TABLE finance.customer_accounting (
    company text NOT NULL REFERENCES finance.legal_entity (company),
    account text NOT NULL CHECK (account <> ''),
    name text CHECK (name <> ''),
    currency text REFERENCES finance.currency (currency),
    payment_terms text,
    customer_group text,
    invoice_account text,
    is_on_hold boolean NOT NULL DEFAULT false,
    tax_group text,
    posting_profile text,
    change_set_id bigint NOT NULL,
    PRIMARY KEY (company, account),
    CONSTRAINT created_customer_has_name_and_currency CHECK ((name IS NULL) = (currency IS NULL)),
    FOREIGN KEY (company, posting_profile) REFERENCES finance.posting_profile (company, posting_profile)
);

CREATE TABLE finance.contract_accounting (
    company text NOT NULL REFERENCES finance.legal_entity (company),
    contract_number text NOT NULL CHECK (contract_number <> ''),
    tax_group text,
    PRIMARY KEY (company, contract_number)
);

CREATE TABLE finance.project_accounting (
    company text NOT NULL REFERENCES finance.legal_entity (company),
    project_number text NOT NULL CHECK (project_number <> ''),
    tax_group text,
    project_group text,
    -- Which side of the posting setup is looked at first (ProjLedgerPosting).
    account_search finance.account_search NOT NULL DEFAULT 'project_first',
    PRIMARY KEY (company, project_number)
);

CREATE TABLE finance.item_accounting (
    company text NOT NULL REFERENCES finance.legal_entity (company),
    product_number text NOT NULL CHECK (product_number <> ''),
    item_tax_group text NOT NULL,
    PRIMARY KEY (company, product_number)
);
