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

-- Where every transaction comes from (msdyn_transactionorigin): the entry and the journal line of what
-- was worked, and the detail, line and proforma of what was billed. What an entry journal made, and
-- what was billed by hand, comes from nowhere before that.
CREATE VIEW operations.transaction_origin AS
WITH worked AS (
    SELECT
        company,
        actual_id AS transaction_id,
        'actual' AS transaction_type,
        entry_id,
        CASE transaction_type WHEN 'cost' THEN transaction_type ELSE 'unbilled_sales' END AS line_type
    FROM operations.actual
    WHERE entry_id IS NOT NULL
    UNION ALL
    SELECT
        detail.company,
        detail.proforma_detail_id,
        'invoice_line_detail',
        basis.entry_id,
        'unbilled_sales'
    FROM operations.proforma_detail AS detail
    JOIN operations.actual AS basis
        ON basis.company = detail.company AND basis.actual_id = coalesce(detail.actual_id, detail.corrects_id)
    WHERE basis.entry_id IS NOT NULL
),

billed AS (
    SELECT
        company,
        actual_id AS transaction_id,
        'actual' AS transaction_type,
        proforma_id,
        proforma_detail_id
    FROM operations.actual
    WHERE
        reverses_id IS NULL
        AND proforma_detail_id IS NOT NULL
        AND (transaction_type = 'billed_sales' OR event = 'correction')
    UNION ALL
    -- A credit and a sale opened again come from what was billed first, too.
    SELECT
        later.company,
        later.actual_id,
        'actual',
        bill.proforma_id,
        bill.proforma_detail_id
    FROM operations.actual AS later
    JOIN operations.actual AS bill
        ON
            bill.company = later.company
            AND bill.actual_id = coalesce(later.reverses_id, later.source_id)
            AND bill.transaction_type = 'billed_sales'
    WHERE later.event = 'correction'
    UNION ALL
    SELECT
        detail.company,
        detail.proforma_detail_id AS transaction_id,
        'invoice_line_detail',
        bill.proforma_id,
        bill.proforma_detail_id
    FROM operations.proforma_detail AS detail
    JOIN operations.actual AS bill
        ON bill.company = detail.company AND bill.actual_id = detail.corrects_id
)

SELECT
    company,
    entry_id AS origin_id,
    'entry' AS origin_type,
    journal_line_id AS transaction_id,
    'journal_line' AS transaction_type
FROM operations.journal_line
UNION ALL
SELECT
    company,
    entry_id,
    'entry',
    transaction_id,
    transaction_type
FROM worked
UNION ALL
SELECT
    worked.company,
    line.journal_line_id,
    'journal_line',
    worked.transaction_id,
    worked.transaction_type
FROM worked
JOIN operations.journal_line AS line
    ON
        line.company = worked.company
        AND line.entry_id = worked.entry_id
        AND line.transaction_type = worked.line_type
UNION ALL
SELECT
    billed.company,
    origin.origin_id,
    origin.origin_type,
    billed.transaction_id,
    billed.transaction_type
FROM billed
JOIN operations.proforma_detail AS detail
    ON
        detail.company = billed.company
        AND detail.proforma_id = billed.proforma_id
        AND detail.proforma_detail_id = billed.proforma_detail_id
CROSS JOIN
    LATERAL (
        VALUES
        (detail.proforma_detail_id, 'invoice_line_detail'),
        (detail.proforma_line_id, 'invoice_line'),
        (detail.proforma_id, 'invoice')
    ) AS origin (origin_id, origin_type);

GRANT SELECT ON
operations.journal, operations.entry_journal_line, operations.allowed_class,
operations.contract_closing, operations.transaction_origin
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
