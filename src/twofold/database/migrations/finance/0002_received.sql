-- What arrives from operations. Only dual-write adds or changes rows here; finance reads.
-- A row keeps the key it has in operations. source_version is the version of the business key
-- the row came with: an older one never overwrites a newer one.

CREATE TABLE finance.customer (
    company text NOT NULL REFERENCES finance.legal_entity (company),
    customer_id bigint NOT NULL,
    account text NOT NULL CHECK (account <> ''),
    name text NOT NULL,
    currency text NOT NULL REFERENCES finance.currency (currency),
    payment_terms text,
    source_version bigint NOT NULL,
    PRIMARY KEY (company, customer_id),
    CONSTRAINT customer_account_is_used_once UNIQUE (company, account)
);

CREATE TABLE finance.role (
    company text NOT NULL REFERENCES finance.legal_entity (company),
    role_id bigint NOT NULL,
    name text NOT NULL,
    source_version bigint NOT NULL,
    PRIMARY KEY (company, role_id)
);

CREATE TABLE finance.category (
    company text NOT NULL REFERENCES finance.legal_entity (company),
    category_id bigint NOT NULL,
    number text NOT NULL CHECK (length(number) <= 28),
    name text NOT NULL,
    source_version bigint NOT NULL,
    PRIMARY KEY (company, category_id),
    CONSTRAINT category_number_is_used_once UNIQUE (company, number)
);

CREATE TABLE finance.resource (
    company text NOT NULL REFERENCES finance.legal_entity (company),
    resource_id bigint NOT NULL,
    name text NOT NULL,
    source_version bigint NOT NULL,
    PRIMARY KEY (company, resource_id)
);

CREATE TABLE finance.contract (
    company text NOT NULL REFERENCES finance.legal_entity (company),
    contract_id bigint NOT NULL,
    number text NOT NULL CHECK (number <> ''),
    name text NOT NULL,
    customer_id bigint NOT NULL,
    currency text NOT NULL REFERENCES finance.currency (currency),
    payment_terms text,
    source_version bigint NOT NULL,
    PRIMARY KEY (company, contract_id),
    CONSTRAINT contract_number_is_used_once UNIQUE (company, number),
    FOREIGN KEY (company, customer_id) REFERENCES finance.customer (company, customer_id)
);

CREATE TABLE finance.funding_source (
    company text NOT NULL,
    funding_source_id bigint NOT NULL,
    contract_id bigint NOT NULL,
    customer_id bigint NOT NULL,
    payment_terms text,
    invoice_name text,
    source_version bigint NOT NULL,
    PRIMARY KEY (company, funding_source_id),
    CONSTRAINT customer_funds_contract_once UNIQUE (company, contract_id, customer_id),
    FOREIGN KEY (company, contract_id) REFERENCES finance.contract (company, contract_id),
    FOREIGN KEY (company, customer_id) REFERENCES finance.customer (company, customer_id)
);

CREATE TYPE finance.project_state AS ENUM ('in_process', 'completed');

CREATE TABLE finance.project (
    company text NOT NULL REFERENCES finance.legal_entity (company),
    project_id bigint NOT NULL,
    number text NOT NULL CHECK (number <> ''),
    name text NOT NULL,
    contract_id bigint,
    customer_id bigint,
    state finance.project_state NOT NULL,
    source_version bigint NOT NULL,
    PRIMARY KEY (company, project_id),
    CONSTRAINT project_number_is_used_once UNIQUE (company, number),
    FOREIGN KEY (company, contract_id) REFERENCES finance.contract (company, contract_id)
);

-- Activity of a project; keeps the key of the task, which staged actuals name.
CREATE TABLE finance.task (
    company text NOT NULL,
    task_id bigint NOT NULL,
    project_id bigint NOT NULL,
    wbs text NOT NULL,
    name text NOT NULL,
    source_version bigint NOT NULL,
    PRIMARY KEY (company, task_id),
    FOREIGN KEY (company, project_id) REFERENCES finance.project (company, project_id)
);

-- Billing rule (PSAContractLineItems).
CREATE TABLE finance.contract_line (
    company text NOT NULL,
    contract_line_id bigint NOT NULL,
    contract_id bigint NOT NULL,
    line_number integer NOT NULL,
    name text NOT NULL,
    billing_method finance.billing_method NOT NULL,
    project_id bigint,
    source_version bigint NOT NULL,
    PRIMARY KEY (company, contract_line_id),
    FOREIGN KEY (company, contract_id) REFERENCES finance.contract (company, contract_id),
    FOREIGN KEY (company, project_id) REFERENCES finance.project (company, project_id)
);

-- What became of a milestone before the company worked with Twofold (TransStatus 0, 4).
CREATE TYPE finance.cut_over_status AS ENUM ('open', 'invoiced');

-- On-account transaction (ProjOnAccTrans) made of a milestone, keyed by the milestone.
CREATE TABLE finance.on_account_transaction (
    company text NOT NULL,
    milestone_id bigint NOT NULL,
    contract_id bigint NOT NULL,
    contract_line_id bigint NOT NULL,
    customer_id bigint NOT NULL,
    project_id bigint NOT NULL,
    description text NOT NULL,
    transaction_date date NOT NULL,
    amount numeric(19, 4) NOT NULL,
    currency text NOT NULL,
    source_version bigint NOT NULL,
    cut_over_status finance.cut_over_status NOT NULL DEFAULT 'open',
    PRIMARY KEY (company, milestone_id),
    FOREIGN KEY (company, contract_line_id) REFERENCES finance.contract_line (company, contract_line_id)
);

-- Staging of actuals (ProjCDSActualsImport): operational facts, kept for good. The accounting
-- facts about the same key are in journal_line, project_transaction, proposal_line and invoice_line.
CREATE TABLE finance.staged_actual (
    company text NOT NULL,
    actual_id bigint NOT NULL,
    transaction_type finance.transaction_type NOT NULL,
    class finance.transaction_class NOT NULL,
    billing_type finance.billing_type NOT NULL,
    transaction_date date NOT NULL,
    accounting_date date NOT NULL,
    quantity numeric(19, 4) NOT NULL,
    price numeric(19, 4) NOT NULL,
    amount numeric(19, 4) NOT NULL,
    discount_amount numeric(19, 4) NOT NULL DEFAULT 0,
    fee_amount numeric(19, 4) NOT NULL DEFAULT 0,
    currency text NOT NULL,
    unit text NOT NULL,
    project_id bigint NOT NULL,
    task_id bigint,
    resource_id bigint,
    role_id bigint,
    category_id bigint,
    contract_id bigint,
    contract_line_id bigint,
    customer_id bigint,
    milestone_id bigint,
    proforma_id bigint,
    source_set_id bigint NOT NULL,
    description text,
    -- The released product of a material.
    product_number text,
    PRIMARY KEY (company, actual_id)
);

CREATE TYPE finance.connection_role AS ENUM (
    'cost', 'unbilled_sales', 'billed_sales', 'original', 'reversing', 'replacing'
);

-- Staging of transaction connections (ProjCDSTransactionRelationshipImport).
CREATE TABLE finance.staged_connection (
    company text NOT NULL,
    transaction1_id bigint NOT NULL,
    transaction1_role finance.connection_role NOT NULL,
    transaction2_id bigint NOT NULL,
    transaction2_role finance.connection_role NOT NULL,
    PRIMARY KEY (company, transaction1_id, transaction2_id)
);

-- header_only: no lines yet. ready: lines made. posted: a customer invoice exists.
-- nothing_to_bill: nothing chargeable on it, closed without an invoice.
CREATE TYPE finance.proposal_state AS ENUM ('header_only', 'ready', 'posted', 'nothing_to_bill');

-- Where the review of a proposal stands; it counts where the company has proposals approved.
CREATE TYPE finance.review_state AS ENUM ('draft', 'submitted', 'approved', 'rejected', 'change_requested');

-- Invoice proposal header (ProjProposalJour). Dual-write adds it with the columns of the upper
-- half; finance fills the lower half and can neither add nor delete one. number = proforma number.
CREATE TABLE finance.proposal (
    company text NOT NULL REFERENCES finance.legal_entity (company),
    proposal_id bigint NOT NULL,
    number text NOT NULL CHECK (number <> ''),
    name text NOT NULL,
    description text,
    contract_id bigint NOT NULL,
    customer_id bigint NOT NULL,
    currency text NOT NULL REFERENCES finance.currency (currency),
    payment_terms text,
    bill_to_name text,
    accounting_date date NOT NULL,
    confirmed_at timestamptz NOT NULL,
    -- The billed sales of the confirmation lie within these keys.
    first_actual_id bigint NOT NULL,
    last_actual_id bigint NOT NULL,
    -- How many of them are chargeable, and the hash over their keys.
    billable_count bigint NOT NULL,
    billable_hash numeric NOT NULL,

    state finance.proposal_state NOT NULL DEFAULT 'header_only',
    invoice_date date,
    due_date date,
    due_date_is_manual boolean NOT NULL DEFAULT false,
    net_amount numeric(19, 4) NOT NULL DEFAULT 0,
    tax_amount numeric(19, 4) NOT NULL DEFAULT 0,
    total_amount numeric(19, 4) NOT NULL DEFAULT 0,
    line_count bigint NOT NULL DEFAULT 0,
    -- Dimensions of the customer balance; manual once a person has given them.
    dimension_set_id bigint,
    dimensions_are_manual boolean NOT NULL DEFAULT false,
    -- The terms that finance chose instead of those that came with it.
    chosen_payment_terms text,
    -- Whoever changes a proposal names the revision that was seen.
    revision integer NOT NULL DEFAULT 1,
    review finance.review_state NOT NULL DEFAULT 'draft',
    PRIMARY KEY (company, proposal_id),
    CONSTRAINT proposal_number_is_used_once UNIQUE (company, number),
    CONSTRAINT header_without_lines_is_empty CHECK (
        (state IN ('ready', 'posted')) = (line_count > 0) AND (line_count > 0 OR total_amount = 0)
    ),
    CONSTRAINT total_adds_up CHECK (total_amount = net_amount + tax_amount)
);

CREATE INDEX proposal_is_open ON finance.proposal (company, proposal_id) -- query: import's candidates, proposal list
WHERE state IN ('header_only', 'ready');
