-- Time, expense, material and fee entries, from import to approval.

CREATE SEQUENCE operations.entry_key;
CREATE SEQUENCE operations.journal_line_key;

CREATE TYPE operations.entry_state AS ENUM (
    'draft', 'submitted', 'approved', 'returned', 'rejected', 'recall_requested'
);

-- quantity: hours for time, units otherwise. product_id: what a material entry used; one without is a
-- write-in, known by its description and priced by its category. unit_price: cost per unit the
-- person entered (expense, material, fee).
CREATE TABLE operations.entry (
    company text NOT NULL,
    entry_id bigint NOT NULL,
    class operations.transaction_class NOT NULL CHECK (class IN ('time', 'expense', 'material', 'fee')),
    transaction_date date NOT NULL,
    project_id bigint NOT NULL,
    task_id bigint,
    resource_id bigint,
    role_id bigint,
    category_id bigint,
    product_id bigint,
    quantity numeric(19, 4) NOT NULL,
    unit text NOT NULL CHECK (unit <> ''),
    unit_price numeric(19, 4),
    currency text,
    description text,
    external_description text,
    -- What the person asked for; NULL lets the contract decide. It can only make an entry non-chargeable.
    billing_type operations.billing_type CHECK (billing_type IN ('chargeable', 'non_chargeable')),
    state operations.entry_state NOT NULL,
    -- The actuals of the entry's present approval, numbered in one block; NULL while not approved.
    first_actual_id bigint,
    last_actual_id bigint,
    created_by text NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (company, entry_id),
    CONSTRAINT only_material_has_a_product CHECK (class = 'material' OR product_id IS NULL),
    CONSTRAINT approved_entry_has_actuals CHECK (
        (state IN ('approved', 'recall_requested')) = (first_actual_id IS NOT NULL)
        AND (first_actual_id IS NULL) = (last_actual_id IS NULL)
    )
) WITH (fillfactor = 45); -- Every entry is updated once, when it is approved: half a page keeps that HOT.

-- One row per imported line, so that the same line never comes in twice.
CREATE TABLE operations.imported_line (
    company text NOT NULL,
    import_key bytea NOT NULL CHECK (length(import_key) = 32),
    entry_id bigint NOT NULL,
    file text NOT NULL,
    line integer NOT NULL,
    PRIMARY KEY (company, import_key)
);

-- What submission priced: one cost line, and one unbilled sales line where the entry falls on a
-- time and material line (msdyn_journalline); approval splits it over the line's customers.
-- Deleted when the entry is recalled.
CREATE TABLE operations.journal_line (
    company text NOT NULL,
    journal_line_id bigint NOT NULL,
    entry_id bigint NOT NULL,
    transaction_type operations.transaction_type NOT NULL,
    billing_type operations.billing_type NOT NULL,
    quantity numeric(19, 4) NOT NULL,
    price numeric(19, 4) NOT NULL,
    amount numeric(19, 4) NOT NULL,
    currency text NOT NULL,
    contract_id bigint,
    contract_line_id bigint,
    PRIMARY KEY (company, entry_id, journal_line_id)
);

-- Submitted entries that wait for a decision (msdyn_projectapproval). The approver may change
-- billable_quantity and billing_type before approving. Deleted once decided.
CREATE TABLE operations.approval (
    company text NOT NULL,
    entry_id bigint NOT NULL,
    billable_quantity numeric(19, 4) NOT NULL CHECK (billable_quantity >= 0),
    billing_type operations.billing_type NOT NULL,
    submitted_by text NOT NULL,
    submitted_at timestamptz NOT NULL,
    PRIMARY KEY (company, entry_id)
);
