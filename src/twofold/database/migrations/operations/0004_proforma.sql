-- Proforma invoices: draft, edited, confirmed; then mirrored once finance has posted.

CREATE SEQUENCE operations.proforma_key;
CREATE SEQUENCE operations.proforma_line_key;
CREATE SEQUENCE operations.proforma_detail_key;

CREATE TYPE operations.proforma_state AS ENUM ('draft', 'in_review', 'confirmed', 'paid');

-- The last number given per company; its row lock puts creations of one company in line.
CREATE TABLE operations.proforma_number (
    company text PRIMARY KEY REFERENCES operations.company (company),
    last_number bigint NOT NULL CHECK (last_number >= 0)
);

-- Proforma header (invoice). Amounts are in the contract's currency; total = detail + tax.
-- The tax is the project manager's estimate; finance's is in customer_invoice.
CREATE TABLE operations.proforma (
    company text NOT NULL,
    proforma_id bigint NOT NULL,
    number text NOT NULL CHECK (number <> ''),
    name text NOT NULL,
    contract_id bigint NOT NULL,
    customer_id bigint NOT NULL,
    currency text NOT NULL,
    payment_terms text,
    bill_to_name text,
    description text,
    state operations.proforma_state NOT NULL,
    -- Given by the project manager, else the confirmation date. Never alters transaction dates.
    accounting_date date,
    has_corrections boolean NOT NULL DEFAULT false,
    -- Of a draft that corrects: the number of the invoice that was corrected first. Its change set
    -- travels behind that one's.
    corrects_number text,
    detail_amount numeric(19, 4) NOT NULL,
    tax_amount numeric(19, 4) NOT NULL,
    total_amount numeric(19, 4) NOT NULL,
    detail_count bigint NOT NULL,
    created_by text NOT NULL,
    created_at timestamptz NOT NULL,
    -- Counts the changes people made; who edits names the revision it saw, and is told when it is another.
    revision integer NOT NULL DEFAULT 1,
    changed_by text,
    changed_at timestamptz,
    confirmed_by text,
    confirmed_at timestamptz,
    change_set_id bigint,
    -- The billing actuals of the confirmation, numbered in one block.
    first_actual_id bigint,
    last_actual_id bigint,
    -- Billed sales on it that finance is to make lines of (chargeable), set at confirmation.
    billable_count bigint,
    billable_hash numeric,
    PRIMARY KEY (company, proforma_id),
    CONSTRAINT proforma_number_is_used_once UNIQUE (company, number),
    CONSTRAINT total_adds_up CHECK (total_amount = detail_amount + tax_amount),
    CONSTRAINT confirmed_is_complete CHECK (
        (state IN ('confirmed', 'paid'))
        = (
            confirmed_at IS NOT NULL AND confirmed_by IS NOT NULL AND accounting_date IS NOT NULL
            AND change_set_id IS NOT NULL AND billable_count IS NOT NULL AND billable_hash IS NOT NULL
        )
    ),
    FOREIGN KEY (company, contract_id) REFERENCES operations.contract (company, contract_id),
    FOREIGN KEY (company, customer_id) REFERENCES operations.customer (company, customer_id)
);

CREATE INDEX proforma_of_set ON operations.proforma (company, change_set_id) -- query: map invoices
WHERE change_set_id IS NOT NULL;

-- Query: what earlier proformas of a contract invoiced (proforma.create), and its proformas in lists.
CREATE INDEX proforma_of_contract ON operations.proforma (company, contract_id);

-- One per contract line of the contract (invoicedetail). Amounts are extended: less discount, with fee.
CREATE TABLE operations.proforma_line (
    company text NOT NULL,
    proforma_line_id bigint NOT NULL,
    proforma_id bigint NOT NULL,
    contract_line_id bigint NOT NULL,
    name text NOT NULL,
    billing_method operations.billing_method NOT NULL,
    project_id bigint,
    invoiced_till_date_amount numeric(19, 4) NOT NULL,
    chargeable_amount numeric(19, 4) NOT NULL,
    non_chargeable_amount numeric(19, 4) NOT NULL,
    complimentary_amount numeric(19, 4) NOT NULL,
    tax_amount numeric(19, 4) NOT NULL,
    PRIMARY KEY (company, proforma_id, proforma_line_id),
    CONSTRAINT contract_line_is_on_proforma_once UNIQUE (company, proforma_id, contract_line_id)
);

-- What a detail does with a retainer: bill it, use it against work, or pay it back.
CREATE TYPE operations.retainer_use AS ENUM ('invoiced', 'applied', 'refunded');

-- Invoice line detail (msdyn_invoicelinetransaction): one billable item. Backed by an unbilled
-- sales actual, by a milestone, by a retainer, or by none of them (manual). The backing actual is never changed:
-- quantity, price, billing type and texts are the detail's own.
CREATE TABLE operations.proforma_detail (
    company text NOT NULL,
    proforma_id bigint NOT NULL,
    proforma_detail_id bigint NOT NULL,
    proforma_line_id bigint,
    contract_line_id bigint,
    actual_id bigint,
    milestone_id bigint,
    -- The retainer it invoices, applies or refunds, and with corrects_id the one whose use it takes
    -- back. A retainer belongs to the contract, and its details to no line.
    retainer_id bigint,
    retainer_use operations.retainer_use,
    class operations.transaction_class NOT NULL,
    billing_type operations.billing_type NOT NULL CHECK (billing_type <> 'not_available'),
    transaction_date date NOT NULL,
    quantity numeric(19, 4) NOT NULL,
    price numeric(19, 4) NOT NULL,
    amount numeric(19, 4) NOT NULL,
    discount_percent numeric(7, 4) NOT NULL DEFAULT 0,
    fee_percent numeric(7, 4) NOT NULL DEFAULT 0,
    discount_amount numeric(19, 4) NOT NULL DEFAULT 0,
    fee_amount numeric(19, 4) NOT NULL DEFAULT 0,
    tax_amount numeric(19, 4) NOT NULL,
    unit text NOT NULL,
    -- What a manual detail is about; a backed one has it from what backs it.
    project_id bigint,
    task_id bigint,
    resource_id bigint,
    role_id bigint,
    category_id bigint,
    -- A correction names the billed sale it corrects. quantity and price are what is right, tax_amount
    -- is all the right tax; previous amounts are what the billed sale had, and are credited:
    -- previous_amount is its extended amount.
    corrects_id bigint,
    previous_amount numeric(19, 4),
    previous_tax_amount numeric(19, 4),
    description text,
    PRIMARY KEY (company, proforma_id, proforma_detail_id),
    CONSTRAINT detail_has_one_backing CHECK (
        num_nonnulls(
            actual_id, milestone_id, project_id, corrects_id, CASE WHEN corrects_id IS NULL THEN retainer_id END
        ) = 1
    ),
    CONSTRAINT retainer_is_on_no_line CHECK (
        num_nulls(proforma_line_id, contract_line_id) = CASE WHEN class = 'retainer' THEN 2 ELSE 0 END
        AND num_nonnulls(retainer_id, retainer_use) = CASE WHEN class = 'retainer' THEN 2 ELSE 0 END
    ),
    CONSTRAINT correction_credits CHECK (
        (corrects_id IS NULL) = (previous_amount IS NULL) AND (corrects_id IS NULL) = (previous_tax_amount IS NULL)
    )
);

CREATE UNIQUE INDEX retainer_is_on_proforma_once ON operations.proforma_detail (company, proforma_id, retainer_id)
WHERE retainer_id IS NOT NULL;

-- Drafts that were deleted: why a number is missing.
CREATE TABLE operations.deleted_proforma (
    company text NOT NULL,
    proforma_id bigint NOT NULL,
    number text NOT NULL,
    contract_id bigint NOT NULL,
    customer_id bigint NOT NULL,
    detail_count bigint NOT NULL,
    detail_amount numeric(19, 4) NOT NULL,
    deleted_by text NOT NULL,
    deleted_at timestamptz NOT NULL,
    PRIMARY KEY (company, proforma_id),
    CONSTRAINT deleted_number_is_used_once UNIQUE (company, number)
);

-- A billed sale that a draft corrects: one draft at a time. Deleted when the draft is confirmed, or
-- lets go of it.
CREATE TABLE operations.correction (
    company text NOT NULL,
    actual_id bigint NOT NULL,
    proforma_id bigint NOT NULL,
    PRIMARY KEY (company, actual_id)
);

-- What confirming makes of the details of a proforma, in pieces. A detail as it was approved is one
-- piece, and so is a milestone. An edited one gets a new sale of its own figures and, when less than
-- was approved is billed, a second of the remainder without charge. A manual one gets a new sale.
-- A correction gets a new sale of what is right, which is billed, and one of what was billed beyond
-- that, which is open again; a milestone is credited whole. What is done with a retainer replaces
-- its open sale by one of what is available afterwards, if anything is. amount is rounded to the
-- currency's precision, and so are discount and fee; what is billed of a remainder without charge has neither.
-- Every detail has a first piece, also where nothing is billed or sold of it. detail_amount and what begins
-- with basis are the detail's and those of the sale or the billed sale that backs it, the same in each piece.
-- Whoever confirms reads it once, into a table of its own. The header is joined from outside, though every detail
-- has one: so the planner expects all details, and not the part of them that it takes for one proforma's.
CREATE VIEW operations.proforma_piece AS
WITH faced AS (
    SELECT
        detail.company,
        detail.proforma_id,
        detail.proforma_detail_id,
        detail.contract_line_id,
        detail.milestone_id,
        detail.retainer_id,
        detail.corrects_id,
        detail.class,
        detail.transaction_date,
        detail.quantity,
        detail.price,
        detail.discount_percent,
        detail.fee_percent,
        detail.discount_amount,
        detail.fee_amount,
        detail.billing_type,
        detail.unit,
        detail.description,
        detail.amount AS detail_amount,
        basis.transaction_type AS basis_type,
        basis.class AS basis_class,
        basis.billing_type AS basis_billing_type,
        basis.transaction_date AS basis_transaction_date,
        basis.amount AS basis_amount,
        basis.discount_percent AS basis_discount_percent,
        basis.fee_percent AS basis_fee_percent,
        basis.currency AS basis_currency,
        basis.unit AS basis_unit,
        basis.contract_id AS basis_contract_id,
        basis.contract_line_id AS basis_contract_line_id,
        basis.customer_id AS basis_customer_id,
        basis.milestone_id AS basis_milestone_id,
        basis.retainer_id AS basis_retainer_id,
        basis.description AS basis_description,
        basis.quantity AS basis_quantity,
        basis.price AS basis_price,
        basis.discount_amount AS basis_discount_amount,
        basis.fee_amount AS basis_fee_amount,
        basis.accounting_date AS basis_accounting_date,
        basis.source_id AS basis_source_id,
        basis.entry_id,
        currency.precision,
        coalesce(detail.actual_id, open_sale.actual_id) AS actual_id,
        detail.amount - coalesce(detail.previous_amount, 0) - coalesce(open_sale.amount, 0) AS available_amount,
        coalesce(basis.project_id, detail.project_id) AS project_id,
        coalesce(basis.task_id, detail.task_id) AS task_id,
        coalesce(basis.resource_id, detail.resource_id) AS resource_id,
        coalesce(basis.role_id, detail.role_id) AS role_id,
        coalesce(basis.category_id, detail.category_id) AS category_id,
        detail.corrects_id IS NOT NULL AS is_correction,
        num_nonnulls(detail.actual_id, detail.milestone_id, detail.corrects_id, detail.retainer_id) = 0 AS is_manual,
        detail.corrects_id IS NULL
        OR detail.amount - detail.discount_amount + detail.fee_amount <> detail.previous_amount
        OR detail.tax_amount <> detail.previous_tax_amount AS is_changed,
        CASE
            WHEN detail.corrects_id IS NOT NULL THEN 'correction'
            WHEN detail.project_id IS NOT NULL THEN 'manual'
            WHEN
                (detail.quantity, detail.price, detail.billing_type)
                <> (basis.quantity, basis.price, basis.billing_type) THEN 'invoice_edit'
        END::operations.actual_event AS new_sale
    FROM operations.proforma_detail AS detail
    LEFT JOIN operations.proforma
        ON proforma.company = detail.company AND proforma.proforma_id = detail.proforma_id
    LEFT JOIN operations.currency ON currency.currency = proforma.currency
    LEFT JOIN operations.open_retainer_sale AS open_sale
        ON open_sale.company = detail.company AND open_sale.retainer_id = detail.retainer_id
    LEFT JOIN operations.actual AS basis
        ON basis.company = detail.company AND basis.actual_id = coalesce(detail.actual_id, detail.corrects_id)
)

SELECT
    faced.company,
    faced.proforma_id,
    faced.proforma_detail_id,
    piece.number,
    faced.contract_line_id,
    faced.actual_id,
    faced.milestone_id,
    faced.retainer_id,
    faced.corrects_id,
    faced.class,
    faced.transaction_date,
    faced.unit,
    faced.description,
    faced.project_id,
    faced.task_id,
    faced.resource_id,
    faced.role_id,
    faced.category_id,
    faced.entry_id,
    faced.basis_accounting_date,
    faced.basis_source_id,
    faced.basis_type,
    faced.basis_class,
    faced.basis_billing_type,
    faced.basis_transaction_date,
    faced.basis_quantity,
    faced.basis_price,
    faced.basis_amount,
    faced.basis_discount_percent,
    faced.basis_fee_percent,
    faced.basis_discount_amount,
    faced.basis_fee_amount,
    faced.basis_currency,
    faced.basis_unit,
    faced.basis_contract_id,
    faced.basis_contract_line_id,
    faced.basis_customer_id,
    faced.basis_milestone_id,
    faced.basis_retainer_id,
    faced.basis_description,
    faced.detail_amount,
    faced.is_manual,
    faced.is_changed,
    faced.discount_percent,
    faced.fee_percent,
    CASE
        WHEN piece.number = 1 OR (faced.is_correction AND faced.retainer_id IS NULL) THEN faced.billing_type
        WHEN faced.retainer_id IS NULL THEN 'non_chargeable'
        ELSE 'chargeable'
    END AS billing_type,
    CASE
        WHEN piece.number = 1 THEN faced.quantity
        WHEN faced.retainer_id IS NULL THEN faced.basis_quantity - faced.quantity
        ELSE 1
    END AS quantity,
    CASE
        WHEN piece.number = 1 THEN faced.price
        WHEN faced.retainer_id IS NULL THEN faced.basis_price
        ELSE -faced.available_amount
    END AS price,
    CASE
        WHEN faced.retainer_id IS NOT NULL AND piece.number = 2 THEN coalesce(faced.new_sale, 'invoicing')
        WHEN piece.number = 2 OR faced.quantity <> 0 THEN faced.new_sale
    END AS new_sale,
    CASE
        WHEN piece.number = 1 THEN round(faced.quantity * faced.price, faced.precision)
        WHEN faced.retainer_id IS NULL
            THEN round((faced.basis_quantity - faced.quantity) * faced.basis_price, faced.precision)
        ELSE -faced.available_amount
    END AS amount,
    CASE
        WHEN piece.number = 1 THEN faced.discount_amount
        WHEN NOT faced.is_correction OR faced.billing_type <> 'chargeable' THEN 0
        WHEN faced.quantity = 0 THEN faced.basis_discount_amount
        ELSE
            round(
                round((faced.basis_quantity - faced.quantity) * faced.basis_price, faced.precision)
                * faced.discount_percent / 100,
                faced.precision
            )
    END AS discount_amount,
    CASE
        WHEN piece.number = 1 THEN faced.fee_amount
        WHEN NOT faced.is_correction OR faced.billing_type <> 'chargeable' THEN 0
        WHEN faced.quantity = 0 THEN faced.basis_fee_amount
        ELSE
            round(
                round((faced.basis_quantity - faced.quantity) * faced.basis_price, faced.precision)
                * faced.fee_percent / 100,
                faced.precision
            )
    END AS fee_amount,
    CASE piece.number
        WHEN 1 THEN faced.new_sale IS NULL OR faced.quantity <> 0
        ELSE NOT (faced.is_correction OR faced.retainer_id IS NOT NULL)
    END AS is_billed
FROM faced
CROSS JOIN (VALUES (1), (2)) AS piece (number)
WHERE
    CASE
        WHEN piece.number = 1 THEN true
        WHEN faced.retainer_id IS NOT NULL THEN faced.available_amount <> 0
        WHEN faced.new_sale IS NULL OR faced.class IN ('milestone', 'retainer') THEN false
        ELSE abs(faced.quantity) < abs(faced.basis_quantity) AND faced.quantity * faced.basis_quantity >= 0
    END;

-- Finance's customer invoice (msdyn_customerinvoice); only dual-write writes here.
-- Its presence is what "Posted" means for a proforma.
CREATE TABLE operations.customer_invoice (
    company text NOT NULL,
    proforma_id bigint NOT NULL,
    invoice_number text NOT NULL,
    invoice_date date NOT NULL,
    due_date date NOT NULL,
    voucher text NOT NULL,
    tax_amount numeric(19, 4) NOT NULL,
    total_amount numeric(19, 4) NOT NULL,
    PRIMARY KEY (company, proforma_id),
    CONSTRAINT invoice_number_is_used_once UNIQUE (company, invoice_number)
);

-- The state people see: finance's posting shows as Posted.
CREATE VIEW operations.proforma_status AS
SELECT
    proforma.company,
    proforma.proforma_id,
    CASE
        WHEN proforma.state = 'confirmed' AND customer_invoice.proforma_id IS NOT NULL THEN 'posted'
        ELSE proforma.state::text
    END AS state
FROM operations.proforma
LEFT JOIN operations.customer_invoice
    ON customer_invoice.company = proforma.company AND customer_invoice.proforma_id = proforma.proforma_id;

-- Billing and adjustment status of an actual, derived from what happened to it.
CREATE VIEW operations.actual_status AS
SELECT
    actual.company,
    actual.actual_id,
    CASE
        WHEN actual.reverses_id IS NOT NULL THEN 'unadjustable'
        WHEN reversal.event <> 'invoicing' THEN 'adjusted'
        WHEN in_process.actual_id IS NOT NULL THEN 'in_process'
    END AS adjustment_status,
    CASE
        WHEN actual.reverses_id IS NOT NULL AND actual.event IN ('cancellation', 'adjustment', 'contract_change')
            THEN 'canceled'
        WHEN reversal.event IN ('cancellation', 'adjustment', 'contract_change') THEN 'canceled'
        WHEN backlog_item.state = 'on_proforma' THEN 'customer_invoice_created'
        WHEN coalesce(in_process.item_state, backlog_item.state) = 'ready' THEN 'ready_to_invoice'
        WHEN coalesce(in_process.item_state, backlog_item.state) = 'created' THEN 'unbilled_sales_created'
        WHEN
            actual.class = 'retainer' AND actual.transaction_type = 'unbilled_sales'
            AND actual.reverses_id IS NULL AND reversal.actual_id IS NULL
            THEN 'unbilled_sales_created'
        WHEN
            actual.transaction_type = 'billed_sales'
            OR (actual.transaction_type = 'unbilled_sales' AND reversal.event = 'invoicing')
            THEN 'customer_invoice_posted'
    END AS billing_status
FROM operations.actual
LEFT JOIN operations.actual AS reversal
    ON reversal.company = actual.company AND reversal.reverses_id = actual.actual_id
LEFT JOIN operations.actual_in_process AS in_process
    ON in_process.company = actual.company AND in_process.actual_id = actual.actual_id
LEFT JOIN operations.backlog_item
    ON
        backlog_item.company = actual.company
        AND backlog_item.contract_id = actual.contract_id
        AND backlog_item.actual_id = actual.actual_id;

-- Connections between actuals, one row per link, named by the newer row's key: what the other
-- book needs to pair a cost with its sale, a bill with its sale and a reversal with its original.
CREATE VIEW operations.actual_connection AS
SELECT
    company,
    actual_id AS transaction1_id,
    skip_sync,
    change_set_id,
    CASE
        WHEN reverses_id IS NOT NULL THEN 'reversing'
        WHEN event = 'correction' AND transaction_type = 'unbilled_sales' THEN 'replacing'
        WHEN transaction_type = 'billed_sales' THEN 'billed_sales'
        ELSE 'unbilled_sales'
    END AS transaction1_role,
    coalesce(reverses_id, source_id) AS transaction2_id,
    CASE
        WHEN reverses_id IS NOT NULL THEN 'original'
        WHEN event = 'correction' AND transaction_type = 'unbilled_sales' THEN 'original'
        WHEN transaction_type = 'billed_sales' THEN 'unbilled_sales'
        ELSE 'cost'
    END AS transaction2_role
FROM operations.actual
WHERE coalesce(reverses_id, source_id) IS NOT NULL;

-- Every connection of the book (msdyn_transactionconnection), journal lines and invoice line
-- details included, with the roles and types of both ends.
CREATE VIEW operations.transaction_connection AS
SELECT
    company,
    transaction1_id,
    transaction1_role,
    'actual' AS transaction1_type,
    transaction2_id,
    transaction2_role,
    'actual' AS transaction2_type
FROM operations.actual_connection
UNION ALL
SELECT
    sales.company,
    sales.journal_line_id AS transaction1_id,
    'unbilled_sales',
    'journal_line',
    cost.journal_line_id AS transaction2_id,
    'cost',
    'journal_line'
FROM operations.journal_line AS sales
JOIN operations.journal_line AS cost
    ON cost.company = sales.company AND cost.entry_id = sales.entry_id AND cost.transaction_type = 'cost'
WHERE sales.transaction_type = 'unbilled_sales'
UNION ALL
SELECT
    company,
    proforma_detail_id,
    'billed_sales',
    'invoice_line_detail',
    actual_id,
    'unbilled_sales',
    'actual'
FROM operations.proforma_detail
WHERE actual_id IS NOT NULL
UNION ALL
SELECT
    company,
    proforma_detail_id,
    'replacing',
    'invoice_line_detail',
    corrects_id,
    'original',
    'actual'
FROM operations.proforma_detail
WHERE corrects_id IS NOT NULL;

-- The operations role keeps the operations book. It adds facts and never changes or deletes one;
-- it updates only what the columns below name; what finance knows, only dual-write writes.
GRANT USAGE ON SCHEMA operations TO twofold_operations, twofold_dualwrite, twofold_auditor;
GRANT SELECT ON ALL TABLES IN SCHEMA operations TO twofold_operations, twofold_dualwrite, twofold_auditor;
REVOKE EXECUTE ON FUNCTION operations.take_keys(regclass, bigint) FROM public;
GRANT EXECUTE ON FUNCTION operations.take_keys(regclass, bigint) TO twofold_operations;

GRANT INSERT, UPDATE ON
operations.currency, operations.role, operations.transaction_category, operations.company_role,
operations.company_category, operations.organizational_unit,
operations.customer, operations.resource, operations.contract, operations.contract_customer,
operations.project, operations.task, operations.contract_line, operations.price_list,
operations.proforma_number
TO twofold_operations;
GRANT INSERT, DELETE ON operations.contract_price_list, operations.unit_price_list TO twofold_operations;

GRANT INSERT, UPDATE ON operations.entry TO twofold_operations;
GRANT INSERT ON operations.imported_line TO twofold_operations;
GRANT INSERT, DELETE ON operations.journal_line TO twofold_operations;
GRANT INSERT, UPDATE, DELETE ON operations.approval TO twofold_operations;

GRANT INSERT ON operations.actual TO twofold_operations;
GRANT INSERT, DELETE, UPDATE (state, not_to_exceed, proforma_id) ON operations.backlog_item TO twofold_operations;
GRANT INSERT, DELETE ON operations.actual_in_process TO twofold_operations;
GRANT INSERT, UPDATE (name, milestone_date, amount, tax_amount, state, proforma_id, change_set_id)
ON operations.milestone TO twofold_operations;

GRANT INSERT, DELETE, UPDATE (
    name, payment_terms, bill_to_name, description, state, accounting_date, has_corrections,
    detail_amount, tax_amount, total_amount, detail_count, revision, changed_by, changed_at,
    confirmed_by, confirmed_at, change_set_id, first_actual_id, last_actual_id, billable_count, billable_hash
) ON operations.proforma TO twofold_operations;
GRANT INSERT, DELETE, UPDATE (
    name, chargeable_amount, non_chargeable_amount, complimentary_amount, tax_amount
) ON operations.proforma_line TO twofold_operations;
GRANT INSERT, DELETE, UPDATE (
    billing_type, quantity, price, amount, discount_amount, fee_amount, tax_amount, description
) ON operations.proforma_detail TO twofold_operations;
GRANT INSERT ON operations.deleted_proforma TO twofold_operations;
GRANT INSERT, DELETE ON operations.correction TO twofold_operations;

GRANT INSERT ON operations.actual_accounting, operations.customer_invoice TO twofold_dualwrite;
GRANT INSERT, UPDATE (name, accounting_currency, source_version) ON operations.company TO twofold_dualwrite;
GRANT INSERT, UPDATE ON operations.ledger, operations.exchange_rate, operations.customer_accounting
TO twofold_dualwrite;

-- A confirmed proforma is read-only for whoever keeps the book.
ALTER TABLE operations.proforma ENABLE ROW LEVEL SECURITY;
CREATE POLICY everyone_reads ON operations.proforma FOR SELECT USING (true);
CREATE POLICY drafts_are_made ON operations.proforma FOR INSERT WITH CHECK (state = 'draft');
CREATE POLICY drafts_are_changed ON operations.proforma FOR UPDATE
USING (state IN ('draft', 'in_review')) WITH CHECK (true);

-- Nor does it grow: lines and details are added to drafts only. A draft's details may be
-- written before its header.
ALTER TABLE operations.proforma_line ENABLE ROW LEVEL SECURITY;
ALTER TABLE operations.proforma_detail ENABLE ROW LEVEL SECURITY;
CREATE POLICY everyone_reads ON operations.proforma_line FOR SELECT USING (true);
CREATE POLICY everyone_reads ON operations.proforma_detail FOR SELECT USING (true);
CREATE POLICY drafts_get_lines ON operations.proforma_line FOR INSERT WITH CHECK (
    NOT EXISTS (
        SELECT FROM operations.proforma AS closed
        WHERE
            closed.company = proforma_line.company
            AND closed.proforma_id = proforma_line.proforma_id
            AND closed.state NOT IN ('draft', 'in_review')
    )
);
CREATE POLICY drafts_get_details ON operations.proforma_detail FOR INSERT WITH CHECK (
    NOT EXISTS (
        SELECT FROM operations.proforma AS closed
        WHERE
            closed.company = proforma_detail.company
            AND closed.proforma_id = proforma_detail.proforma_id
            AND closed.state NOT IN ('draft', 'in_review')
    )
);
CREATE POLICY drafts_lines_change ON operations.proforma_line FOR UPDATE USING (
    EXISTS (
        SELECT FROM operations.proforma AS open
        WHERE
            open.company = proforma_line.company
            AND open.proforma_id = proforma_line.proforma_id
            AND open.state IN ('draft', 'in_review')
    )
);
CREATE POLICY drafts_details_change ON operations.proforma_detail FOR UPDATE USING (
    EXISTS (
        SELECT FROM operations.proforma AS open
        WHERE
            open.company = proforma_detail.company
            AND open.proforma_id = proforma_detail.proforma_id
            AND open.state IN ('draft', 'in_review')
    )
);
CREATE POLICY drafts_are_deleted ON operations.proforma FOR DELETE USING (state IN ('draft', 'in_review'));
CREATE POLICY drafts_lines_go ON operations.proforma_line FOR DELETE USING (
    EXISTS (
        SELECT FROM operations.proforma AS open
        WHERE
            open.company = proforma_line.company
            AND open.proforma_id = proforma_line.proforma_id
            AND open.state IN ('draft', 'in_review')
    )
);
CREATE POLICY drafts_details_go ON operations.proforma_detail FOR DELETE USING (
    EXISTS (
        SELECT FROM operations.proforma AS open
        WHERE
            open.company = proforma_detail.company
            AND open.proforma_id = proforma_detail.proforma_id
            AND open.state IN ('draft', 'in_review')
    )
);
