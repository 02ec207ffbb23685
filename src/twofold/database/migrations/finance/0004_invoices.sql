-- Proposal lines, customer invoices and the ledger.

-- TransactionOrigin of an on-account line without a milestone: an advance is billed, or used.
CREATE TYPE finance.on_account_origin AS ENUM ('prepayment', 'deduction');

-- A line points at what it bills: a posted unbilled sale (transaction_id) or an on-account
-- transaction (milestone_id); or at the billed sale it credits (credited_id), whose invoice line
-- it mirrors. A line of a retainer is an on-account transaction itself (on_account_origin): a
-- prepayment from zero up, a deduction below. Amounts in the proposal's currency. amount is what is
-- billed and taxed; discount_amount, taken off it already, is what posts as a discount on its own.
CREATE TABLE finance.proposal_line (
    company text NOT NULL,
    actual_id bigint NOT NULL,
    proposal_id bigint NOT NULL,
    transaction_id bigint,
    milestone_id bigint,
    credited_id bigint,
    tax_group text,
    item_tax_group text,
    amount numeric(19, 4) NOT NULL,
    tax_amount numeric(19, 4) NOT NULL,
    on_account_origin finance.on_account_origin,
    discount_amount numeric(19, 4) NOT NULL DEFAULT 0,
    dimension_set_id bigint,
    PRIMARY KEY (company, actual_id),
    CONSTRAINT line_bills_or_credits_one_thing CHECK (
        num_nonnulls(transaction_id, milestone_id, credited_id, on_account_origin) = 1
    ),
    CONSTRAINT deduction_is_below_zero CHECK ((on_account_origin = 'deduction') = (amount < 0))
);

-- A billed sale is credited once.
CREATE UNIQUE INDEX line_is_credited_once ON finance.proposal_line (company, credited_id)
WHERE credited_id IS NOT NULL;

CREATE INDEX line_of_milestone ON finance.proposal_line (company, milestone_id) -- query: on_account_status
WHERE milestone_id IS NOT NULL;

-- The posted invoice (ProjInvoiceJour), a credit note where its total is negative. Amounts in its
-- currency. exchange_rate: accounting currency per 100 units of it; reporting_rate: accounting
-- currency per 100 units of the reporting currency. A line that credits keeps its original's rates.
CREATE TABLE finance.customer_invoice (
    company text NOT NULL,
    proposal_id bigint NOT NULL,
    invoice_number text NOT NULL,
    voucher text NOT NULL,
    invoice_date date NOT NULL,
    due_date date NOT NULL,
    customer_id bigint NOT NULL,
    currency text NOT NULL,
    exchange_rate numeric(19, 9) NOT NULL,
    reporting_rate numeric(19, 9) NOT NULL,
    net_amount numeric(19, 4) NOT NULL,
    tax_amount numeric(19, 4) NOT NULL,
    total_amount numeric(19, 4) NOT NULL,
    posted_by text NOT NULL,
    posted_at timestamptz NOT NULL,
    change_set_id bigint NOT NULL,
    PRIMARY KEY (company, proposal_id),
    CONSTRAINT invoice_number_is_used_once UNIQUE (company, invoice_number),
    CONSTRAINT invoice_voucher_is_used_once UNIQUE (company, voucher),
    CONSTRAINT total_adds_up CHECK (total_amount = net_amount + tax_amount)
);

CREATE INDEX invoice_of_set ON finance.customer_invoice (company, change_set_id); -- query: map customer_invoices

-- One posted line, by the key of its billed sales actual. Amounts in the accounting currency;
-- accrual_reversed_amount is what left WIP – sales value: the amount stored when it was accrued.
-- revenue_type and revenue_account: where its revenue went, and where a credit takes it back from.
-- discount_accounting_amount and discount_account: the same of a discount that posts on its own; the
-- revenue of the line is accounting_amount + discount_accounting_amount then.
CREATE TABLE finance.invoice_line (
    company text NOT NULL,
    actual_id bigint NOT NULL,
    proposal_id bigint NOT NULL,
    voucher text NOT NULL,
    accounting_date date NOT NULL,
    exchange_rate numeric(19, 9) NOT NULL,
    accounting_amount numeric(19, 4) NOT NULL,
    sales_tax_amount numeric(19, 4) NOT NULL,
    accrual_reversed_amount numeric(19, 4) NOT NULL,
    revenue_type finance.posting_type NOT NULL,
    revenue_account text NOT NULL,
    change_set_id bigint NOT NULL,
    discount_accounting_amount numeric(19, 4) NOT NULL DEFAULT 0,
    discount_account text,
    dimension_set_id bigint,
    PRIMARY KEY (company, actual_id),
    CONSTRAINT discount_names_its_account CHECK (discount_accounting_amount = 0 OR discount_account IS NOT NULL)
);

-- The codes and rates that a pair of groups stood for on an invoice: a credit is taxed by them,
-- whatever the setup says by then.
CREATE TABLE finance.invoiced_tax (
    company text NOT NULL,
    proposal_id bigint NOT NULL,
    tax_group text NOT NULL,
    item_tax_group text NOT NULL,
    tax_code text NOT NULL,
    rate numeric(9, 4) NOT NULL,
    payable_account text NOT NULL,
    PRIMARY KEY (company, proposal_id, tax_group, item_tax_group, tax_code)
);

-- Customer transaction (CustTrans).
CREATE TABLE finance.customer_transaction (
    company text NOT NULL,
    voucher text NOT NULL,
    customer_id bigint NOT NULL,
    transaction_date date NOT NULL,
    due_date date NOT NULL,
    invoice_number text NOT NULL,
    posting_profile text NOT NULL,
    currency text NOT NULL,
    exchange_rate numeric(19, 9) NOT NULL,
    amount numeric(19, 4) NOT NULL,
    accounting_amount numeric(19, 4) NOT NULL,
    PRIMARY KEY (company, voucher)
);

-- Posted tax (TaxTrans), one row per voucher, code and rate: a correction may credit at one rate
-- and bill at another.
CREATE TABLE finance.tax_transaction (
    company text NOT NULL,
    voucher text NOT NULL,
    tax_code text NOT NULL,
    rate numeric(9, 4) NOT NULL,
    base_amount numeric(19, 4) NOT NULL,
    tax_amount numeric(19, 4) NOT NULL,
    accounting_base_amount numeric(19, 4) NOT NULL,
    accounting_tax_amount numeric(19, 4) NOT NULL,
    PRIMARY KEY (company, voucher, tax_code, rate)
);

-- General journal account entries: per voucher, account, dimensions, currency and posting type. Debit is
-- positive, credit negative; a voucher sums to zero in every currency it is kept in.
CREATE TABLE finance.ledger_entry (
    company text NOT NULL,
    voucher text NOT NULL,
    entry_number integer NOT NULL,
    accounting_date date NOT NULL,
    account text NOT NULL,
    posting_type finance.posting_type NOT NULL,
    project_id bigint,
    currency text NOT NULL,
    transaction_amount numeric(19, 4) NOT NULL,
    accounting_amount numeric(19, 4) NOT NULL,
    reporting_amount numeric(19, 4) NOT NULL,
    dimension_set_id bigint,
    PRIMARY KEY (company, voucher, entry_number)
);

-- What operations is told about its actuals: one row per posted line of either kind. A fee line is
-- finance's own, and has the negated key of its sale.
CREATE VIEW finance.accounting_detail AS
SELECT
    company,
    actual_id,
    voucher,
    accounting_date,
    accounting_amount,
    exchange_rate,
    0::numeric(19, 4) AS sales_tax_amount,
    change_set_id
FROM finance.project_transaction
WHERE actual_id > 0
UNION ALL
SELECT
    company,
    actual_id,
    voucher,
    accounting_date,
    accounting_amount,
    exchange_rate,
    sales_tax_amount,
    change_set_id
FROM finance.invoice_line
WHERE actual_id > 0;

-- Opening balances: the billed sale that invoiced a posted unbilled sale before the cut-over.
CREATE TABLE finance.brought_over_sale (
    company text NOT NULL,
    actual_id bigint NOT NULL,
    proposal_id bigint NOT NULL,
    transaction_id bigint NOT NULL,
    PRIMARY KEY (company, actual_id),
    CONSTRAINT sale_is_brought_over_once UNIQUE (company, transaction_id)
);

-- Where the sale part of a posted transaction stands: posted, invoice_proposal or invoiced.
CREATE VIEW finance.transaction_status AS
SELECT
    project_transaction.company,
    project_transaction.actual_id,
    CASE
        WHEN staged_actual.transaction_type <> 'unbilled_sales' THEN 'posted'
        WHEN NOT line_property.is_chargeable THEN 'non_chargeable'
        WHEN proposal.state = 'posted' OR brought_over_sale.actual_id IS NOT NULL THEN 'invoiced'
        WHEN proposal.state = 'ready' THEN 'invoice_proposal'
        ELSE 'posted'
    END AS state
FROM finance.project_transaction
JOIN finance.staged_actual
    ON
        staged_actual.company = project_transaction.company
        AND staged_actual.actual_id = project_transaction.actual_id
JOIN finance.line_property
    ON
        line_property.company = project_transaction.company
        AND line_property.line_property = project_transaction.line_property
LEFT JOIN finance.proposal_line
    ON
        proposal_line.company = project_transaction.company
        AND proposal_line.transaction_id = project_transaction.actual_id
LEFT JOIN finance.proposal
    ON proposal.company = proposal_line.company AND proposal.proposal_id = proposal_line.proposal_id
LEFT JOIN finance.brought_over_sale
    ON
        brought_over_sale.company = project_transaction.company
        AND brought_over_sale.transaction_id = project_transaction.actual_id;

-- Where an on-account transaction stands: open, invoice_proposal or invoiced. A posted credit of the
-- line that billed it opens it again. One that was invoiced before the cut-over never was open.
CREATE VIEW finance.on_account_status AS
SELECT
    on_account_transaction.company,
    on_account_transaction.milestone_id,
    CASE
        WHEN line.actual_id IS NULL THEN on_account_transaction.cut_over_status::text
        WHEN proposal.state = 'posted' THEN 'invoiced'
        ELSE 'invoice_proposal'
    END AS state
FROM finance.on_account_transaction
LEFT JOIN finance.proposal_line AS line
    ON
        line.company = on_account_transaction.company
        AND line.milestone_id = on_account_transaction.milestone_id
        AND NOT EXISTS (
            SELECT FROM finance.proposal_line AS credit
            JOIN finance.invoice_line AS credited
                ON credited.company = credit.company AND credited.actual_id = credit.actual_id
            WHERE credit.company = line.company AND credit.credited_id = line.actual_id
        )
LEFT JOIN finance.proposal
    ON proposal.company = line.company AND proposal.proposal_id = line.proposal_id;

-- The finance role keeps the finance book: it sets it up, adds facts, and never changes or
-- deletes one. Records that operations owns, and the header of a proposal, only arrive by dual-write.
GRANT USAGE ON SCHEMA finance TO twofold_finance, twofold_dualwrite, twofold_auditor;
GRANT SELECT ON ALL TABLES IN SCHEMA finance TO twofold_finance, twofold_dualwrite, twofold_auditor;
REVOKE EXECUTE ON FUNCTION finance.take_keys(regclass, bigint) FROM public;
GRANT EXECUTE ON FUNCTION finance.take_keys(regclass, bigint) TO twofold_finance;

GRANT INSERT, UPDATE ON
finance.currency, finance.legal_entity, finance.main_account, finance.fiscal_period, finance.exchange_rate,
finance.fixed_rate_agreement, finance.number_sequence, finance.payment_terms, finance.posting_profile,
finance.tax_code, finance.tax_rate, finance.line_property, finance.billing_type_line_property,
finance.project_category, finance.category_default, finance.revenue_profile, finance.parameter,
finance.customer_accounting, finance.contract_accounting, finance.project_accounting, finance.item_accounting
TO twofold_finance;
GRANT INSERT, DELETE, UPDATE ON
finance.profile_rule, finance.posting_setup, finance.tax_group_code, finance.item_tax_group_code,
finance.billing_type_line_property
TO twofold_finance;

GRANT INSERT ON finance.imported_set TO twofold_finance;
GRANT INSERT, DELETE ON finance.held_actual, finance.proposal_problem, finance.proposal_line TO twofold_finance;
GRANT UPDATE (tax_group, item_tax_group, tax_amount) ON finance.proposal_line TO twofold_finance;
GRANT INSERT, UPDATE (description, state, posted_at, posted_by, change_set_id) ON finance.journal TO twofold_finance;
GRANT INSERT, DELETE, UPDATE (
    journal_id, voucher, tax_group, item_tax_group, state, code, field, value, dimension_set_id,
    offset_dimension_set_id
)
ON finance.journal_line TO twofold_finance;
GRANT UPDATE (
    state, invoice_date, due_date, due_date_is_manual, net_amount, tax_amount, total_amount, line_count,
    dimension_set_id, dimensions_are_manual, chosen_payment_terms, revision, review
)
ON finance.proposal TO twofold_finance;
GRANT INSERT ON
finance.project_transaction, finance.customer_invoice, finance.invoice_line, finance.invoiced_tax,
finance.customer_transaction,
finance.tax_transaction, finance.ledger_entry
TO twofold_finance;

GRANT INSERT ON finance.staged_actual, finance.staged_connection TO twofold_dualwrite;
GRANT INSERT (
    company, proposal_id, number, name, description, contract_id, customer_id, currency, payment_terms,
    bill_to_name, accounting_date, confirmed_at, first_actual_id, last_actual_id, billable_count, billable_hash
) ON finance.proposal TO twofold_dualwrite;
GRANT INSERT, UPDATE ON
finance.customer, finance.role, finance.category, finance.resource, finance.contract, finance.funding_source,
finance.project, finance.task, finance.contract_line, finance.on_account_transaction
TO twofold_dualwrite;
