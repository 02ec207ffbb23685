-- From staging to posted project transactions, through the integration journal.

CREATE SEQUENCE finance.journal_key;

-- Change sets of operations whose costs and unbilled sales have been taken through import.
CREATE TABLE finance.imported_set (
    company text NOT NULL,
    source_set_id bigint NOT NULL,
    imported_at timestamptz NOT NULL,
    PRIMARY KEY (company, source_set_id)
);

-- Staged rows that could not become a journal line yet, with the reason; retried at every import.
CREATE TABLE finance.held_actual (
    company text NOT NULL,
    actual_id bigint NOT NULL,
    code text NOT NULL,
    field text NOT NULL,
    value text NOT NULL,
    held_since timestamptz NOT NULL,
    PRIMARY KEY (company, actual_id)
);

-- Why a proposal has no lines yet; renewed at every import.
CREATE TABLE finance.proposal_problem (
    company text NOT NULL,
    proposal_id bigint NOT NULL,
    actual_id bigint NOT NULL,
    code text NOT NULL,
    field text NOT NULL,
    value text NOT NULL,
    PRIMARY KEY (company, proposal_id, actual_id, code)
);

-- deleted: all its lines went back to staging; its number is not used again.
CREATE TYPE finance.journal_state AS ENUM ('draft', 'processing', 'posted', 'error', 'deleted');

CREATE TABLE finance.journal (
    company text NOT NULL REFERENCES finance.legal_entity (company),
    journal_id bigint NOT NULL,
    number text NOT NULL,
    description text NOT NULL,
    state finance.journal_state NOT NULL,
    -- First day of the period unit its lines fall in; NULL where the unit is "all".
    period_start date,
    -- The journal whose bad lines these are.
    original_journal_id bigint,
    created_at timestamptz NOT NULL,
    posted_at timestamptz,
    posted_by text,
    change_set_id bigint,
    -- Its lines lie before the cut-over: posted to the subledger, the ledger has them as balances.
    is_beginning_balance boolean NOT NULL DEFAULT false,
    PRIMARY KEY (company, journal_id),
    CONSTRAINT journal_number_is_used_once UNIQUE (company, number),
    CONSTRAINT posted_journal_says_when CHECK ((state = 'posted') = (posted_at IS NOT NULL AND posted_by IS NOT NULL))
);

-- An unposted line: the accounting facts of one staged actual, open to review. Deleted when it
-- is posted (it becomes a project_transaction) or taken back to staging.
-- exchange_rate: accounting currency per 100 units of the staged row's currency.
-- Dimensions: of the debit, which is the line's own, and of its offset, the credit.
CREATE TABLE finance.journal_line (
    company text NOT NULL,
    actual_id bigint NOT NULL,
    journal_id bigint NOT NULL,
    voucher text NOT NULL,
    accounting_date date NOT NULL,
    category_number text NOT NULL,
    line_property text NOT NULL,
    tax_group text,
    item_tax_group text,
    exchange_rate numeric(19, 9) NOT NULL,
    state finance.journal_state NOT NULL DEFAULT 'draft',
    code text,
    field text,
    value text,
    dimension_set_id bigint,
    offset_dimension_set_id bigint,
    PRIMARY KEY (company, actual_id)
);

CREATE INDEX line_of_journal ON finance.journal_line (company, journal_id); -- query: journal list, show, post

-- A posted line (Proj…Trans): accounting facts for good. Amounts in the accounting currency,
-- signed as the actual. accrued_amount is what went to WIP – sales value, on the accounts named;
-- accrued_reporting_amount is the same in the reporting currency. discount_amount, in the currency of
-- the actual, is what was not taken off: invoicing posts it on its own. A cost keeps the sides it was
-- posted on, with their dimensions, so that its accounting can be adjusted to the cent (P19.9).
CREATE TABLE finance.project_transaction (
    company text NOT NULL,
    actual_id bigint NOT NULL,
    journal_id bigint NOT NULL,
    voucher text NOT NULL,
    accounting_date date NOT NULL,
    category_number text NOT NULL,
    line_property text NOT NULL,
    tax_group text,
    item_tax_group text,
    profile text NOT NULL,
    exchange_rate numeric(19, 9) NOT NULL,
    accounting_amount numeric(19, 4) NOT NULL,
    accrued_amount numeric(19, 4) NOT NULL,
    accrued_reporting_amount numeric(19, 4) NOT NULL DEFAULT 0,
    wip_account text,
    accrued_revenue_account text,
    change_set_id bigint NOT NULL,
    discount_amount numeric(19, 4) NOT NULL DEFAULT 0,
    dimension_set_id bigint,
    offset_dimension_set_id bigint,
    cost_type finance.posting_type,
    cost_account text,
    offset_type finance.posting_type,
    offset_account text,
    cost_reporting_amount numeric(19, 4),
    PRIMARY KEY (company, actual_id),
    CONSTRAINT cost_names_both_sides CHECK (
        num_nulls(cost_type, cost_account, offset_type, offset_account, cost_reporting_amount) IN (0, 5)
    ),
    CONSTRAINT accrual_names_its_accounts CHECK (
        (accrued_amount <> 0) <= (wip_account IS NOT NULL AND accrued_revenue_account IS NOT NULL)
    )
);

-- Vouchers rise with the rows, so a block range index finds them and costs an insert next to nothing.
CREATE INDEX transaction_of_voucher ON finance.project_transaction -- query: voucher show
USING brin (voucher) WITH (autosummarize = on);
