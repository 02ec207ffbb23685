-- Actuals: the append-only record of approved cost and sales, and the open work on it.

CREATE SEQUENCE operations.actual_key;
CREATE SEQUENCE operations.milestone_key;

-- The event that made the row. For a reversal it tells what became of the original:
-- invoicing leaves it current and Customer Invoice Posted; cancellation, adjustment (a correction
-- journal) and contract_change make it Adjusted and Canceled; every other event makes it Adjusted.
-- journal: confirmed with an entry journal, without an entry.
CREATE TYPE operations.actual_event AS ENUM (
    'approval', 'invoicing', 'cancellation', 'invoice_edit', 'adjustment', 'contract_change', 'correction', 'manual',
    'journal'
);

-- msdyn_actual. quantity, price and amount are in the transaction currency; amount = round(quantity × price).
-- What is billed of a sale is its extended amount: amount - discount_amount + fee_amount, the percents being
-- those of the contract line when it was sold; only what is chargeable has a discount or a fee.
-- A reversal carries the negated quantity and amounts of the row it reverses, and all its attributes.
CREATE TABLE operations.actual (
    company text NOT NULL,
    actual_id bigint NOT NULL,
    transaction_type operations.transaction_type NOT NULL,
    class operations.transaction_class NOT NULL,
    billing_type operations.billing_type NOT NULL,
    event operations.actual_event NOT NULL,
    transaction_date date NOT NULL,
    accounting_date date NOT NULL,
    quantity numeric(19, 4) NOT NULL,
    price numeric(19, 4) NOT NULL,
    amount numeric(19, 4) NOT NULL,
    discount_percent numeric(7, 4) NOT NULL DEFAULT 0,
    fee_percent numeric(7, 4) NOT NULL DEFAULT 0,
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
    -- The contract customer who pays; blank means never invoiced.
    customer_id bigint,
    -- Links: the row this one reverses, one to one; what this one was made of: the cost of an unbilled
    -- sale (of one that a correction opens again, the billed sale it replaces), the unbilled sale of
    -- a billed sale.
    reverses_id bigint,
    source_id bigint,
    entry_id bigint,
    milestone_id bigint,
    retainer_id bigint,
    proforma_id bigint,
    proforma_detail_id bigint,
    skip_sync boolean NOT NULL,
    change_set_id bigint NOT NULL,
    description text,
    PRIMARY KEY (company, actual_id)
);

-- At most one reversal per row. Query: actual_status, and every process that reverses.
CREATE UNIQUE INDEX actual_is_reversed_once ON operations.actual (company, reverses_id)
WHERE reverses_id IS NOT NULL;

-- A sale that a correction opened again belongs to its entry still. Query: what may be taken back
-- of an entry (entries.reversal).
CREATE INDEX reopened_sale_of_entry ON operations.actual (company, entry_id)
WHERE event = 'correction' AND transaction_type = 'unbilled_sales' AND reverses_id IS NULL;

-- Query: open_retainer_sale.
CREATE INDEX actual_of_retainer ON operations.actual (company, retainer_id)
WHERE retainer_id IS NOT NULL;

-- The negative unbilled sale that stands for what is available of an invoiced retainer: one at most,
-- reversed by whoever uses of it. It waits to be reconciled with work, and is never billed itself.
CREATE VIEW operations.open_retainer_sale AS
SELECT
    sale.company,
    sale.retainer_id,
    sale.actual_id,
    sale.amount
FROM operations.actual AS sale
WHERE
    sale.retainer_id IS NOT NULL
    AND sale.transaction_type = 'unbilled_sales'
    AND sale.reverses_id IS NULL
    AND NOT EXISTS (
        SELECT FROM operations.actual AS reversal
        WHERE reversal.company = sale.company AND reversal.reverses_id = sale.actual_id
    );

-- What finance reports back about an actual; only dual-write writes here.
-- accounting_amount and sales_tax_amount are in the accounting currency, signed as the actual;
-- exchange_rate is per 100 units of the transaction currency.
CREATE TABLE operations.actual_accounting (
    company text NOT NULL,
    actual_id bigint NOT NULL,
    voucher text NOT NULL,
    accounting_date date NOT NULL,
    accounting_amount numeric(19, 4) NOT NULL,
    exchange_rate numeric(19, 9) NOT NULL,
    sales_tax_amount numeric(19, 4) NOT NULL,
    PRIMARY KEY (company, actual_id)
);

-- created: unbilled sales created. ready: may be invoiced. on_proforma: on a draft (proforma_id).
-- in_process: on an open correction journal, and nobody bills it meanwhile.
CREATE TYPE operations.backlog_state AS ENUM ('created', 'ready', 'on_proforma', 'in_process');
CREATE TYPE operations.not_to_exceed_state AS ENUM ('not_evaluated', 'committed', 'failed', 'not_applicable');

-- The levels of limits, in the order they are asked.
CREATE TYPE operations.limit_level AS ENUM (
    'contract_line_customer', 'contract_line', 'contract_customer', 'contract'
);

-- The billing backlog: one row per unbilled sales actual that is still to be invoiced.
-- Deleted when the actual is invoiced, cancelled or adjusted.
CREATE TABLE operations.backlog_item (
    company text NOT NULL,
    actual_id bigint NOT NULL,
    contract_id bigint NOT NULL,
    contract_line_id bigint NOT NULL,
    customer_id bigint,
    project_id bigint NOT NULL,
    class operations.transaction_class NOT NULL,
    billing_type operations.billing_type NOT NULL,
    transaction_date date NOT NULL,
    quantity numeric(19, 4) NOT NULL,
    amount numeric(19, 4) NOT NULL,
    currency text NOT NULL,
    state operations.backlog_state NOT NULL,
    not_to_exceed operations.not_to_exceed_state NOT NULL,
    -- The first limit that did not suffice.
    exceeds operations.limit_level,
    proforma_id bigint,
    discount_amount numeric(19, 4) NOT NULL DEFAULT 0,
    fee_amount numeric(19, 4) NOT NULL DEFAULT 0,
    PRIMARY KEY (company, contract_id, actual_id),
    CONSTRAINT failed_item_exceeds_a_limit CHECK ((not_to_exceed = 'failed') = (exceeds IS NOT NULL)),
    CONSTRAINT item_is_on_a_draft CHECK ((state = 'on_proforma') = (proforma_id IS NOT NULL))
) WITH (fillfactor = 45); -- room for a new version of every row: both changes of state are HOT

-- The actuals that an open correction journal is about: they are In Process. item_state: what the
-- backlog item was before, and is again when the journal is discarded; NULL where there is none.
-- Deleted when the journal closes.
CREATE TABLE operations.actual_in_process (
    company text NOT NULL,
    actual_id bigint NOT NULL,
    journal_id bigint NOT NULL,
    entry_id bigint NOT NULL,
    contract_id bigint,
    item_state operations.backlog_state CHECK (item_state IN ('created', 'ready')),
    PRIMARY KEY (company, actual_id)
);

-- Query: the actuals of a journal.
CREATE INDEX in_process_of_journal ON operations.actual_in_process (company, journal_id);
-- Query: whether an entry is on an open journal.
CREATE INDEX in_process_of_entry ON operations.actual_in_process (company, entry_id);

CREATE TYPE operations.milestone_state AS ENUM (
    'not_ready', 'ready', 'on_proforma', 'posted'
);

-- Fixed-price billing event (msdyn_contractlinescheduleofvalue). not_ready: Not Ready for invoicing;
-- ready: Ready for invoicing; on_proforma: Customer invoice created; posted: Customer invoice posted.
-- One per customer who pays a share of it; together they are the milestone of their line and name
-- (milestone_header).
CREATE TABLE operations.milestone (
    company text NOT NULL,
    milestone_id bigint NOT NULL,
    contract_id bigint NOT NULL,
    contract_line_id bigint NOT NULL,
    customer_id bigint NOT NULL,
    project_id bigint NOT NULL,
    name text NOT NULL CHECK (name <> ''),
    milestone_date date NOT NULL,
    amount numeric(19, 4) NOT NULL,
    tax_amount numeric(19, 4) NOT NULL CHECK (tax_amount >= 0),
    currency text NOT NULL,
    state operations.milestone_state NOT NULL DEFAULT 'not_ready',
    proforma_id bigint,
    change_set_id bigint NOT NULL,
    PRIMARY KEY (company, milestone_id),
    CONSTRAINT milestone_name_is_used_once UNIQUE (company, contract_line_id, name, customer_id),
    CONSTRAINT no_tax_on_nothing CHECK (amount <> 0 OR tax_amount = 0),
    CONSTRAINT milestone_is_on_a_proforma CHECK ((state IN ('on_proforma', 'posted')) = (proforma_id IS NOT NULL)),
    FOREIGN KEY (company, contract_line_id) REFERENCES operations.contract_line (company, contract_line_id)
);
