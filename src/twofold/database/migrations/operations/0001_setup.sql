-- The operations book: who sells what to whom, at which price.
-- Every table of company data leads its keys with company, the legal entity's code.

CREATE SCHEMA operations;

CREATE TYPE operations.transaction_type AS ENUM (
    'cost', 'project_contract', 'unbilled_sales', 'billed_sales', 'resourcing_unit_cost', 'interorganizational_sales'
);
CREATE TYPE operations.transaction_class AS ENUM ('time', 'expense', 'material', 'milestone', 'fee', 'retainer');
CREATE TYPE operations.billing_type AS ENUM ('non_chargeable', 'chargeable', 'complimentary', 'not_available');
CREATE TYPE operations.billing_method AS ENUM ('time_and_material', 'fixed_price');

-- A block of keys, taken at once and numbered by the caller: first, first + 1, … first + how_many - 1.
-- The advisory lock is held for this call only, so no transaction waits for another's commit.
-- A rolled-back transaction leaves a gap; keys identify, they do not count.
CREATE FUNCTION operations.take_keys(sequence_name regclass, how_many bigint) RETURNS bigint
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

CREATE SEQUENCE operations.setup_key;

-- precision: decimals an amount of this currency is rounded to.
CREATE TABLE operations.currency (
    currency text PRIMARY KEY CHECK (currency ~ '^[A-Z]{3}$'),
    precision integer NOT NULL CHECK (precision BETWEEN 0 AND 4)
);

-- ISO 4217, with the decimals of the minor unit.
INSERT INTO operations.currency (currency, precision)
VALUES
('AED', 2), ('AUD', 2), ('BHD', 3), ('BRL', 2), ('CAD', 2), ('CHF', 2), ('CLF', 4), ('CLP', 0), ('CNY', 2),
('CZK', 2), ('DKK', 2), ('EUR', 2), ('GBP', 2), ('HKD', 2), ('HUF', 2), ('IDR', 2), ('ILS', 2), ('INR', 2),
('ISK', 0), ('JPY', 0), ('KRW', 0), ('KWD', 3), ('MXN', 2), ('MYR', 2), ('NOK', 2), ('NZD', 2), ('OMR', 3),
('PHP', 2), ('PLN', 2), ('RON', 2), ('SAR', 2), ('SEK', 2), ('SGD', 2), ('THB', 2), ('TND', 3), ('TRY', 2),
('TWD', 2), ('USD', 2), ('VND', 0), ('ZAR', 2);

-- Legal entities as finance has them (cdm_company with its msdyn_ledger); only dual-write writes here.
CREATE TABLE operations.company (
    company text PRIMARY KEY CHECK (company ~ '^\S(.*\S)?$'),
    name text NOT NULL,
    accounting_currency text NOT NULL REFERENCES operations.currency (currency),
    source_version bigint NOT NULL
);

-- The ledger of a legal entity (msdyn_ledger). A company without one cannot be set up.
CREATE TABLE operations.ledger (
    company text PRIMARY KEY REFERENCES operations.company (company),
    accounting_currency text NOT NULL REFERENCES operations.currency (currency),
    reporting_currency text NOT NULL REFERENCES operations.currency (currency),
    source_version bigint NOT NULL
);

-- What finance converts with (msdyn_currencyexchangerate): rate is the amount of to_currency for
-- 100 units of from_currency, valid from valid_from until the next row.
CREATE TABLE operations.exchange_rate (
    company text NOT NULL REFERENCES operations.company (company),
    rate_type text NOT NULL,
    from_currency text NOT NULL REFERENCES operations.currency (currency),
    to_currency text NOT NULL REFERENCES operations.currency (currency),
    valid_from date NOT NULL,
    rate numeric(19, 9) NOT NULL CHECK (rate > 0),
    source_version bigint NOT NULL,
    PRIMARY KEY (company, rate_type, from_currency, to_currency, valid_from)
);

-- Shared by all companies, as in the original; each company gets a row of its own, which travels.
CREATE TABLE operations.role (
    role_id bigint PRIMARY KEY,
    name text NOT NULL UNIQUE CHECK (name <> ''),
    billing_type operations.billing_type NOT NULL DEFAULT 'chargeable'
);

CREATE TABLE operations.transaction_category (
    category_id bigint PRIMARY KEY,
    number text NOT NULL UNIQUE CHECK (number <> '' AND length(number) <= 28),
    name text NOT NULL UNIQUE CHECK (name <> ''),
    billing_type operations.billing_type NOT NULL DEFAULT 'chargeable'
);

CREATE TABLE operations.company_role (
    company text NOT NULL REFERENCES operations.company (company),
    role_id bigint NOT NULL REFERENCES operations.role (role_id),
    name text NOT NULL,
    change_set_id bigint NOT NULL,
    PRIMARY KEY (company, role_id)
);

CREATE TABLE operations.company_category (
    company text NOT NULL REFERENCES operations.company (company),
    category_id bigint NOT NULL REFERENCES operations.transaction_category (category_id),
    number text NOT NULL,
    name text NOT NULL,
    change_set_id bigint NOT NULL,
    PRIMARY KEY (company, category_id)
);

CREATE TABLE operations.organizational_unit (
    company text NOT NULL REFERENCES operations.company (company),
    organizational_unit_id bigint NOT NULL,
    name text NOT NULL CHECK (name <> ''),
    currency text NOT NULL REFERENCES operations.currency (currency),
    PRIMARY KEY (company, organizational_unit_id),
    CONSTRAINT unit_name_is_used_once UNIQUE (company, name)
);

CREATE TABLE operations.customer (
    company text NOT NULL REFERENCES operations.company (company),
    customer_id bigint NOT NULL,
    account text NOT NULL CHECK (account <> ''),
    name text NOT NULL CHECK (name <> ''),
    currency text NOT NULL REFERENCES operations.currency (currency),
    payment_terms text,
    change_set_id bigint NOT NULL,
    PRIMARY KEY (company, customer_id),
    CONSTRAINT customer_account_is_used_once UNIQUE (company, account)
);

-- What finance says of a customer, by account; only dual-write writes here. With a name and a
-- currency it is one that finance created: the next setup takes it over as a customer. From then
-- on name, currency and terms are those of operations.customer; finance's stay here to be seen.
CREATE TABLE operations.customer_accounting (
    company text NOT NULL REFERENCES operations.company (company),
    account text NOT NULL,
    name text,
    currency text REFERENCES operations.currency (currency),
    payment_terms text,
    customer_group text,
    invoice_account text,
    is_on_hold boolean NOT NULL,
    tax_group text,
    posting_profile text,
    source_version bigint NOT NULL,
    PRIMARY KEY (company, account)
);

CREATE TABLE operations.resource (
    company text NOT NULL REFERENCES operations.company (company),
    resource_id bigint NOT NULL,
    name text NOT NULL CHECK (name <> ''),
    email text,
    role_id bigint REFERENCES operations.role (role_id),
    organizational_unit_id bigint,
    -- The company that employs the person, where it is another one: it lends them to this company.
    lent_by text REFERENCES operations.company (company),
    change_set_id bigint NOT NULL,
    PRIMARY KEY (company, resource_id),
    CONSTRAINT resource_name_is_used_once UNIQUE (company, name),
    CONSTRAINT nobody_lends_to_itself CHECK (lent_by <> company),
    CONSTRAINT unit_of_a_lent_person_is_elsewhere CHECK (lent_by IS NULL OR organizational_unit_id IS NULL),
    FOREIGN KEY (company, organizational_unit_id)
    REFERENCES operations.organizational_unit (company, organizational_unit_id)
);

-- draft: still changing. active: confirmed, may be billed. closed: bills nothing more.
CREATE TYPE operations.contract_state AS ENUM ('draft', 'on_hold', 'active', 'closed');

-- The project contract (salesorder). Its currency is the currency of every sales actual and invoice.
-- not_to_exceed, here and below: the most that may be billed, in that currency; NULL is no limit.
CREATE TABLE operations.contract (
    company text NOT NULL REFERENCES operations.company (company),
    contract_id bigint NOT NULL,
    number text NOT NULL CHECK (number <> ''),
    name text NOT NULL CHECK (name <> ''),
    customer_id bigint NOT NULL,
    organizational_unit_id bigint NOT NULL,
    currency text NOT NULL REFERENCES operations.currency (currency),
    payment_terms text,
    state operations.contract_state NOT NULL DEFAULT 'active',
    not_to_exceed numeric(19, 4) CHECK (not_to_exceed >= 0),
    change_set_id bigint NOT NULL,
    PRIMARY KEY (company, contract_id),
    CONSTRAINT contract_number_is_used_once UNIQUE (company, number),
    FOREIGN KEY (company, customer_id) REFERENCES operations.customer (company, customer_id),
    FOREIGN KEY (company, organizational_unit_id)
    REFERENCES operations.organizational_unit (company, organizational_unit_id)
);

-- A party that pays a share of a contract (msdyn_projectcontractsplitbillingrule); finance's funding source.
-- Its share is a template for new contract lines: what counts is contract_line_customer.
CREATE TABLE operations.contract_customer (
    company text NOT NULL,
    contract_customer_id bigint NOT NULL,
    contract_id bigint NOT NULL,
    customer_id bigint NOT NULL,
    split_percent numeric(7, 4) NOT NULL CHECK (split_percent BETWEEN 0 AND 100),
    is_rounding boolean NOT NULL,
    is_primary boolean NOT NULL,
    not_to_exceed numeric(19, 4) CHECK (not_to_exceed >= 0),
    payment_terms text,
    bill_to_name text,
    change_set_id bigint NOT NULL,
    PRIMARY KEY (company, contract_customer_id),
    CONSTRAINT customer_is_on_contract_once UNIQUE (company, contract_id, customer_id),
    FOREIGN KEY (company, contract_id) REFERENCES operations.contract (company, contract_id),
    FOREIGN KEY (company, customer_id) REFERENCES operations.customer (company, customer_id)
);

-- in_process: entries and invoices are accepted. completed: neither.
CREATE TYPE operations.project_state AS ENUM ('in_process', 'completed');

-- investment: work the firm pays for itself (msdyn_project's investment flag); it never gets a contract.
CREATE TYPE operations.project_type AS ENUM ('standard', 'investment');

CREATE TABLE operations.project (
    company text NOT NULL REFERENCES operations.company (company),
    project_id bigint NOT NULL,
    number text NOT NULL CHECK (number <> ''),
    name text NOT NULL CHECK (name <> ''),
    customer_id bigint,
    contract_id bigint,
    project_type operations.project_type NOT NULL DEFAULT 'standard',
    state operations.project_state NOT NULL DEFAULT 'in_process',
    change_set_id bigint NOT NULL,
    PRIMARY KEY (company, project_id),
    CONSTRAINT project_number_is_used_once UNIQUE (company, number),
    CONSTRAINT investment_project_has_no_contract CHECK (project_type <> 'investment' OR contract_id IS NULL),
    FOREIGN KEY (company, customer_id) REFERENCES operations.customer (company, customer_id),
    FOREIGN KEY (company, contract_id) REFERENCES operations.contract (company, contract_id)
);

-- wbs: its place in the work breakdown structure of the project.
CREATE TABLE operations.task (
    company text NOT NULL,
    task_id bigint NOT NULL,
    project_id bigint NOT NULL,
    name text NOT NULL CHECK (name <> ''),
    wbs text NOT NULL CHECK (wbs <> ''),
    change_set_id bigint NOT NULL,
    PRIMARY KEY (company, task_id),
    CONSTRAINT task_name_is_used_once UNIQUE (company, project_id, name),
    FOREIGN KEY (company, project_id) REFERENCES operations.project (company, project_id)
);

-- all: whatever the task, or none. selected: those of contract_line_task only.
CREATE TYPE operations.included_tasks AS ENUM ('all', 'selected');

-- Project-based contract line (salesorderdetail): billing method, project, and the classes and tasks it covers.
-- What is chargeable on it is sold with discount_percent off and fee_percent on top, each of the amount.
CREATE TABLE operations.contract_line (
    company text NOT NULL,
    contract_line_id bigint NOT NULL,
    contract_id bigint NOT NULL,
    line_number integer NOT NULL CHECK (line_number > 0),
    name text NOT NULL CHECK (name <> ''),
    billing_method operations.billing_method NOT NULL,
    project_id bigint,
    includes_time boolean NOT NULL,
    includes_expense boolean NOT NULL,
    includes_material boolean NOT NULL,
    includes_fee boolean NOT NULL,
    included_tasks operations.included_tasks NOT NULL DEFAULT 'all',
    contracted_amount numeric(19, 4) NOT NULL DEFAULT 0,
    not_to_exceed numeric(19, 4) CHECK (not_to_exceed >= 0),
    discount_percent numeric(7, 4) NOT NULL DEFAULT 0 CHECK (discount_percent BETWEEN 0 AND 100),
    fee_percent numeric(7, 4) NOT NULL DEFAULT 0 CHECK (fee_percent BETWEEN 0 AND 100),
    change_set_id bigint NOT NULL,
    PRIMARY KEY (company, contract_line_id),
    CONSTRAINT line_number_is_used_once UNIQUE (company, contract_id, line_number),
    CONSTRAINT fixed_price_has_no_limit CHECK (not_to_exceed IS NULL OR billing_method = 'time_and_material'),
    CONSTRAINT fixed_price_has_no_discount CHECK (
        (discount_percent = 0 AND fee_percent = 0) OR billing_method = 'time_and_material'
    ),
    FOREIGN KEY (company, contract_id) REFERENCES operations.contract (company, contract_id),
    FOREIGN KEY (company, project_id) REFERENCES operations.project (company, project_id)
);

CREATE TYPE operations.price_context AS ENUM ('cost', 'sales');

-- effective_from and effective_to are inclusive dates; effective_to NULL is open.
CREATE TABLE operations.price_list (
    company text NOT NULL REFERENCES operations.company (company),
    price_list_id bigint NOT NULL,
    name text NOT NULL CHECK (name <> ''),
    context operations.price_context NOT NULL,
    currency text NOT NULL REFERENCES operations.currency (currency),
    effective_from date NOT NULL,
    effective_to date,
    PRIMARY KEY (company, price_list_id),
    CONSTRAINT price_list_name_is_used_once UNIQUE (company, name),
    CONSTRAINT price_list_ends_after_start CHECK (effective_to >= effective_from)
);

-- Sales lists belong to contracts, cost lists to organisational units.
CREATE TABLE operations.contract_price_list (
    company text NOT NULL,
    contract_id bigint NOT NULL,
    price_list_id bigint NOT NULL,
    PRIMARY KEY (company, contract_id, price_list_id),
    FOREIGN KEY (company, contract_id) REFERENCES operations.contract (company, contract_id),
    FOREIGN KEY (company, price_list_id) REFERENCES operations.price_list (company, price_list_id)
);

CREATE TABLE operations.unit_price_list (
    company text NOT NULL,
    organizational_unit_id bigint NOT NULL,
    price_list_id bigint NOT NULL,
    PRIMARY KEY (company, organizational_unit_id, price_list_id),
    FOREIGN KEY (company, organizational_unit_id)
    REFERENCES operations.organizational_unit (company, organizational_unit_id),
    FOREIGN KEY (company, price_list_id) REFERENCES operations.price_list (company, price_list_id)
);
