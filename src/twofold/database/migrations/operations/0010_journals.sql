-- Journals of the project manager: corrections of what was approved, and actuals without an entry.
-- And how contracts ended, and where every transaction comes from.

CREATE SEQUENCE operations.journal_key;

-- correction: new values for approved entries. entry: lines that become actuals of their own.
CREATE TYPE operations.journal_kind AS ENUM ('correction', 'entry');
CREATE TYPE operations.journal_state AS ENUM ('open', 'confirmed', 'discarded');

-- The header (msdyn_journal). Of a correction it has the new values, NULL where a value stays; a
-- new project takes the task away unless it brings one. Confirmed or discarded it is read-only.
CREATE TABLE operations.journal (
    company text NOT NULL REFERENCES operations.company (company),
    journal_id bigint NOT NULL,
    kind operations.journal_kind NOT NULL,
    description text NOT NULL CHECK (description <> ''),
    state operations.journal_state NOT NULL,
    project_id bigint,
    task_id bigint,
    transaction_date date,
    resource_id bigint,
    role_id bigint,
    category_id bigint,
    created_by text NOT NULL,
    created_at timestamptz NOT NULL,
    closed_by text,
    closed_at timestamptz,
    -- The actuals of the confirmation, numbered in one block, and the set that took them along.
    change_set_id bigint,
    first_actual_id bigint,
    last_actual_id bigint,
    PRIMARY KEY (company, journal_id),
    CONSTRAINT correction_changes_something CHECK (
        (kind = 'correction')
        = (num_nonnulls(project_id, task_id, transaction_date, resource_id, role_id, category_id) > 0)
    ),
    CONSTRAINT closed_journal_says_by_whom CHECK (
        (state <> 'open') = (closed_by IS NOT NULL AND closed_at IS NOT NULL)
    ),
    CONSTRAINT confirmed_journal_has_actuals CHECK (
        (state = 'confirmed')
        = (change_set_id IS NOT NULL AND first_actual_id IS NOT NULL AND last_actual_id IS NOT NULL)
    )
);

-- A line of an entry journal (msdyn_journalline): one cost or one unbilled sale. price NULL lets
-- the price lists decide. customer_id: who pays an unbilled sale; blank means it is never invoiced.
-- Lines are numbered from 1; the actual of line n has key first_actual_id + n - 1.
CREATE TABLE operations.entry_journal_line (
    company text NOT NULL,
    journal_id bigint NOT NULL,
    line_number integer NOT NULL CHECK (line_number > 0),
    transaction_type operations.transaction_type NOT NULL CHECK (transaction_type IN ('cost', 'unbilled_sales')),
    class operations.transaction_class NOT NULL CHECK (class IN ('time', 'expense', 'material', 'fee')),
    transaction_date date NOT NULL,
    project_id bigint NOT NULL,
    task_id bigint,
    resource_id bigint,
    role_id bigint,
    category_id bigint,
    quantity numeric(19, 4) NOT NULL,
    unit text NOT NULL CHECK (unit <> ''),
    price numeric(19, 4),
    currency text,
    customer_id bigint,
    description text,
    PRIMARY KEY (company, journal_id, line_number),
    CONSTRAINT price_has_a_currency CHECK ((price IS NULL) = (currency IS NULL)),
    CONSTRAINT cost_is_paid_by_nobody CHECK (transaction_type = 'unbilled_sales' OR customer_id IS NULL),
    FOREIGN KEY (company, journal_id) REFERENCES operations.journal (company, journal_id)
);

-- Which class a line of a type may have, by the billing method of what it falls on (JR-01).
CREATE TABLE operations.allowed_class (
    billing_method operations.billing_method NOT NULL,
    transaction_type operations.transaction_type NOT NULL,
    class operations.transaction_class NOT NULL,
    PRIMARY KEY (billing_method, transaction_type, class)
);

INSERT INTO operations.allowed_class (billing_method, transaction_type, class)
VALUES
('fixed_price', 'cost', 'time'),
('fixed_price', 'cost', 'expense'),
('fixed_price', 'cost', 'material'),
('fixed_price', 'unbilled_sales', 'retainer'),
('fixed_price', 'billed_sales', 'retainer'),
('fixed_price', 'billed_sales', 'milestone'),
('fixed_price', 'interorganizational_sales', 'time'),
('fixed_price', 'interorganizational_sales', 'expense'),
('fixed_price', 'resourcing_unit_cost', 'time'),
('fixed_price', 'resourcing_unit_cost', 'expense'),
('time_and_material', 'cost', 'time'),
('time_and_material', 'cost', 'expense'),
('time_and_material', 'cost', 'material'),
('time_and_material', 'unbilled_sales', 'time'),
('time_and_material', 'unbilled_sales', 'expense'),
('time_and_material', 'unbilled_sales', 'material'),
('time_and_material', 'unbilled_sales', 'fee'),
('time_and_material', 'unbilled_sales', 'retainer'),
('time_and_material', 'billed_sales', 'time'),
('time_and_material', 'billed_sales', 'expense'),
('time_and_material', 'billed_sales', 'material'),
('time_and_material', 'billed_sales', 'fee'),
('time_and_material', 'billed_sales', 'retainer'),
('time_and_material', 'interorganizational_sales', 'time'),
('time_and_material', 'interorganizational_sales', 'expense'),
('time_and_material', 'resourcing_unit_cost', 'time'),
('time_and_material', 'resourcing_unit_cost', 'expense');

-- Why a contract was closed (msdyn_psastatusreason), by whom and when. It is not opened again.
CREATE TYPE operations.closing_reason AS ENUM ('completed', 'lost');

CREATE TABLE operations.contract_closing (
    company text NOT NULL,
    contract_id bigint NOT NULL,
    reason operations.closing_reason NOT NULL,
    closed_by text NOT NULL,
    closed_at timestamptz NOT NULL,
    PRIMARY KEY (company, contract_id),
    FOREIGN KEY (company, contract_id) REFERENCES operations.contract (company, contract_id)
);

GRANT SELECT ON
operations.journal, operations.entry_journal_line, operations.allowed_class,
operations.contract_closing
TO twofold_operations, twofold_dualwrite, twofold_auditor;
GRANT INSERT, UPDATE (state, closed_by, closed_at, change_set_id, first_actual_id, last_actual_id)
ON operations.journal TO twofold_operations;
GRANT INSERT ON operations.entry_journal_line, operations.contract_closing TO twofold_operations;

-- A closed journal is read-only for whoever keeps the book, and gets no more lines.
ALTER TABLE operations.journal ENABLE ROW LEVEL SECURITY;
CREATE POLICY everyone_reads ON operations.journal FOR SELECT USING (true);
CREATE POLICY open_journals_are_made ON operations.journal FOR INSERT WITH CHECK (state = 'open');
CREATE POLICY open_journals_are_closed ON operations.journal FOR UPDATE USING (state = 'open') WITH CHECK (true);
ALTER TABLE operations.entry_journal_line ENABLE ROW LEVEL SECURITY;
CREATE POLICY everyone_reads ON operations.entry_journal_line FOR SELECT USING (true);
CREATE POLICY open_journals_get_lines ON operations.entry_journal_line FOR INSERT WITH CHECK (
    EXISTS (
        SELECT FROM operations.journal AS open
        WHERE
            open.company = entry_journal_line.company
            AND open.journal_id = entry_journal_line.journal_id
            AND open.kind = 'entry'
            AND open.state = 'open'
    )
);
