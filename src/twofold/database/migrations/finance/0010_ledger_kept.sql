-- What makes the ledger one that an auditor accepts: kept balances, a chain over postings, period
-- events, what customers paid and what was settled, and corrections of accrued revenue.

CREATE SEQUENCE finance.posting_key;

-- The posting that a transaction is making: its first entry takes a key, the others have the same.
CREATE FUNCTION finance.this_posting() RETURNS bigint
LANGUAGE sql VOLATILE
RETURN coalesce(
    nullif(current_setting('twofold.posting_id', true), ''),
    set_config('twofold.posting_id', nextval('finance.posting_key')::text, true)
)::bigint;

-- Whoever adds entries says nothing about it, so that no entry is without its posting.
ALTER TABLE finance.ledger_entry ADD COLUMN posting_id bigint NOT NULL DEFAULT finance.this_posting();

-- Keys of postings rise with the rows, so that block ranges find them and cost an insert next to nothing.
CREATE INDEX entry_of_posting ON finance.ledger_entry -- query: record a posting
USING brin (posting_id) WITH (pages_per_range = 32, autosummarize = on);
CREATE INDEX entry_of_day ON finance.ledger_entry -- query: ledger account
USING brin (accounting_date) WITH (autosummarize = on);

-- A link of the company's chain: all entries of one transaction, hashed over the link before.
-- content_hash: of the entries in the order of voucher and number; hash: of the link and the one before.
CREATE TABLE finance.posting (
    company text NOT NULL,
    chain_number bigint NOT NULL,
    posting_id bigint NOT NULL,
    kind text NOT NULL CHECK (kind <> ''),
    document text NOT NULL,
    entry_count bigint NOT NULL,
    first_voucher text NOT NULL,
    last_voucher text NOT NULL,
    content_hash text NOT NULL,
    previous_hash text NOT NULL,
    hash text NOT NULL,
    posted_by text NOT NULL,
    posted_at timestamptz NOT NULL,
    PRIMARY KEY (company, chain_number),
    CONSTRAINT posting_is_linked_once UNIQUE (company, posting_id)
);

-- The last link. Its row puts the postings of a company in order.
CREATE TABLE finance.posting_head (
    company text PRIMARY KEY,
    chain_number bigint NOT NULL,
    hash text NOT NULL
);

-- Kept balances: what was posted to an account on a day, debit and credit both from zero up, in the
-- accounting and the reporting currency. The closing of a year is kept apart from its business.
CREATE TABLE finance.account_balance (
    company text NOT NULL,
    account text NOT NULL,
    accounting_date date NOT NULL,
    is_closing boolean NOT NULL,
    entry_count bigint NOT NULL,
    debit_amount numeric(23, 4) NOT NULL,
    credit_amount numeric(23, 4) NOT NULL,
    reporting_debit_amount numeric(23, 4) NOT NULL,
    reporting_credit_amount numeric(23, 4) NOT NULL,
    PRIMARY KEY (company, account, accounting_date, is_closing)
) WITH (fillfactor = 70);

-- Who put a period into a state, and why.
CREATE TABLE finance.period_event (
    company text NOT NULL,
    period_start date NOT NULL,
    event_number integer NOT NULL,
    state finance.period_state NOT NULL,
    reason text NOT NULL,
    actor text NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (company, period_start, event_number)
);

GRANT USAGE ON SEQUENCE finance.posting_key TO twofold_finance;
GRANT SELECT ON
finance.posting, finance.posting_head, finance.account_balance, finance.period_event
TO twofold_finance, twofold_dualwrite, twofold_auditor;
GRANT INSERT ON
finance.posting, finance.posting_head, finance.account_balance, finance.period_event
TO twofold_finance;
GRANT UPDATE (chain_number, hash) ON finance.posting_head TO twofold_finance;
GRANT UPDATE (
    entry_count, debit_amount, credit_amount, reporting_debit_amount, reporting_credit_amount
) ON finance.account_balance TO twofold_finance;

-- What customers paid, and which of their transactions were settled with one another.

ALTER TABLE finance.customer_transaction ADD COLUMN reporting_amount numeric(19, 4) NOT NULL DEFAULT 0;
CREATE INDEX transaction_of_customer ON finance.customer_transaction (company, customer_id); -- query: statement

-- A file of payments, known again by its content.
CREATE TABLE finance.payment_file (
    company text NOT NULL,
    content_hash text NOT NULL,
    name text NOT NULL,
    payment_count integer NOT NULL,
    imported_by text NOT NULL,
    imported_at timestamptz NOT NULL,
    PRIMARY KEY (company, content_hash)
);

-- A payment as it was posted: bank debit, receivable credit; amounts above zero. reference: what the
-- bank calls it, once per bank account.
CREATE TABLE finance.customer_payment (
    company text NOT NULL,
    voucher text NOT NULL,
    customer_id bigint NOT NULL,
    payment_date date NOT NULL,
    bank_account text NOT NULL,
    receivable_account text NOT NULL,
    reference text NOT NULL CHECK (reference <> ''),
    remittance text NOT NULL,
    payer text NOT NULL,
    currency text NOT NULL,
    exchange_rate numeric(19, 9) NOT NULL,
    amount numeric(19, 4) NOT NULL CHECK (amount > 0),
    accounting_amount numeric(19, 4) NOT NULL,
    reporting_amount numeric(19, 4) NOT NULL,
    content_hash text NOT NULL,
    PRIMARY KEY (company, voucher),
    CONSTRAINT payment_arrives_once UNIQUE (company, bank_account, reference)
);
CREATE INDEX payment_of_customer ON finance.customer_payment (company, customer_id); -- query: statement

CREATE SEQUENCE finance.settlement_key;

-- A debit (an invoice) settled with a credit (a payment or a credit note). Amounts above zero, each
-- in the currency of its side, and in the accounting and reporting currency as its side came in.
-- voucher: of the exchange rate difference, where the two sides came in at different rates.
CREATE TABLE finance.settlement (
    company text NOT NULL,
    settlement_id bigint NOT NULL,
    debit_voucher text NOT NULL,
    credit_voucher text NOT NULL,
    settled_on date NOT NULL,
    debit_amount numeric(19, 4) NOT NULL CHECK (debit_amount > 0),
    credit_amount numeric(19, 4) NOT NULL CHECK (credit_amount > 0),
    debit_accounting_amount numeric(19, 4) NOT NULL,
    credit_accounting_amount numeric(19, 4) NOT NULL,
    debit_reporting_amount numeric(19, 4) NOT NULL,
    credit_reporting_amount numeric(19, 4) NOT NULL,
    voucher text,
    settled_by text NOT NULL,
    settled_at timestamptz NOT NULL,
    PRIMARY KEY (company, settlement_id),
    CONSTRAINT settlement_has_two_sides CHECK (debit_voucher <> credit_voucher)
);
CREATE INDEX settlement_of_debit ON finance.settlement (company, debit_voucher); -- query: customer_position
CREATE INDEX settlement_of_credit ON finance.settlement (company, credit_voucher); -- query: customer_position

-- A settlement that does not stand any more; voucher: what took back its exchange rate difference.
CREATE TABLE finance.settlement_undone (
    company text NOT NULL,
    settlement_id bigint NOT NULL,
    undone_on date NOT NULL,
    reason text NOT NULL CHECK (reason <> ''),
    voucher text,
    undone_by text NOT NULL,
    undone_at timestamptz NOT NULL,
    PRIMARY KEY (company, settlement_id)
);

-- Both sides of every settlement, with the sign of the transaction each takes from; undone_on is NULL
-- while it stands.
CREATE VIEW finance.settlement_side AS
SELECT
    settlement.company,
    leg.voucher,
    settlement.settled_on,
    undone.undone_on,
    leg.amount,
    leg.accounting_amount,
    leg.reporting_amount
FROM finance.settlement
LEFT JOIN finance.settlement_undone AS undone
    ON undone.company = settlement.company AND undone.settlement_id = settlement.settlement_id
CROSS JOIN
    LATERAL (
        VALUES
        (
            settlement.debit_voucher,
            settlement.debit_amount,
            settlement.debit_accounting_amount,
            settlement.debit_reporting_amount
        ),
        (
            settlement.credit_voucher,
            -settlement.credit_amount,
            -settlement.credit_accounting_amount,
            -settlement.credit_reporting_amount
        )
    ) AS leg (voucher, amount, accounting_amount, reporting_amount);

-- Every transaction of a customer. A debit is positive, a credit negative.
CREATE VIEW finance.customer_document AS
SELECT
    company,
    voucher,
    CASE WHEN amount < 0 THEN 'credit_note' ELSE 'invoice' END AS kind,
    customer_id,
    invoice_number AS document,
    transaction_date,
    due_date,
    posting_profile,
    currency,
    amount,
    accounting_amount,
    reporting_amount
FROM finance.customer_transaction
UNION ALL
SELECT
    company,
    voucher,
    'payment',
    customer_id,
    reference,
    payment_date AS transaction_date,
    payment_date AS due_date,
    NULL,
    currency,
    -amount,
    -accounting_amount,
    -reporting_amount
FROM finance.customer_payment;

-- Every transaction of a customer with what of it is settled by now. Settled amounts have the sign of
-- the transaction.
CREATE VIEW finance.customer_position AS
WITH settled AS (
    SELECT
        company,
        voucher,
        sum(amount) AS amount,
        sum(accounting_amount) AS accounting_amount,
        sum(reporting_amount) AS reporting_amount
    FROM finance.settlement_side
    WHERE undone_on IS NULL
    GROUP BY company, voucher
)

SELECT
    position.company,
    position.voucher,
    position.kind,
    position.customer_id,
    position.document,
    position.transaction_date,
    position.due_date,
    position.posting_profile,
    position.currency,
    position.amount,
    position.accounting_amount,
    position.reporting_amount,
    coalesce(settled.amount, 0) AS settled_amount,
    position.amount - coalesce(settled.amount, 0) AS open_amount,
    position.accounting_amount - coalesce(settled.accounting_amount, 0) AS open_accounting_amount,
    position.reporting_amount - coalesce(settled.reporting_amount, 0) AS open_reporting_amount
FROM finance.customer_document AS position
LEFT JOIN settled ON settled.company = position.company AND settled.voucher = position.voucher;

-- The same as it stood at the end of a day: what was dated by then, less what was settled by then and not
-- undone by then.
CREATE FUNCTION finance.customer_position_on(of_company text, day date)
RETURNS SETOF finance.customer_position
LANGUAGE sql STABLE PARALLEL SAFE
AS $$
    SELECT
        position.company,
        position.voucher,
        position.kind,
        position.customer_id,
        position.document,
        position.transaction_date,
        position.due_date,
        position.posting_profile,
        position.currency,
        position.amount,
        position.accounting_amount,
        position.reporting_amount,
        coalesce(settled.amount, 0),
        position.amount - coalesce(settled.amount, 0),
        position.accounting_amount - coalesce(settled.accounting_amount, 0),
        position.reporting_amount - coalesce(settled.reporting_amount, 0)
    FROM finance.customer_document AS position
    LEFT JOIN (
        SELECT
            side.voucher,
            sum(side.amount) AS amount,
            sum(side.accounting_amount) AS accounting_amount,
            sum(side.reporting_amount) AS reporting_amount
        FROM finance.settlement_side AS side
        WHERE
            side.company = of_company
            AND side.settled_on <= day
            AND (side.undone_on IS NULL OR side.undone_on > day)
        GROUP BY side.voucher
    ) AS settled ON settled.voucher = position.voucher
    WHERE position.company = of_company AND position.transaction_date <= day
$$;

-- The vouchers of payments, settlements and their undoing, each with the document it belongs to.
CREATE VIEW finance.payment_voucher AS
SELECT
    company,
    voucher,
    'payment ' || reference AS document
FROM finance.customer_payment
UNION ALL
SELECT
    company,
    voucher,
    'settlement ' || settlement_id
FROM finance.settlement
WHERE voucher IS NOT NULL
UNION ALL
SELECT
    company,
    voucher,
    'settlement undone ' || settlement_id
FROM finance.settlement_undone
WHERE voucher IS NOT NULL;

GRANT SELECT ON
finance.payment_voucher, finance.payment_file, finance.customer_payment, finance.settlement, finance.settlement_undone,
finance.settlement_side, finance.customer_document, finance.customer_position
TO twofold_finance, twofold_dualwrite, twofold_auditor;
GRANT INSERT ON
finance.payment_file, finance.customer_payment, finance.settlement, finance.settlement_undone
TO twofold_finance;

-- The closing of a year: profit and loss moved to retained earnings. A year may be closed again for
-- what was posted into it afterwards.
CREATE TABLE finance.year_closing (
    company text NOT NULL,
    voucher text NOT NULL,
    year_end date NOT NULL,
    closed_by text NOT NULL,
    closed_at timestamptz NOT NULL,
    PRIMARY KEY (company, voucher)
);

-- What a correction took out of the accrual of a sale that is invoiced, in the accounting and the
-- reporting currency, with the sign of the accrual. side: both accounts of the accrual, or the one
-- that was off, against the offset account.
CREATE TABLE finance.accrual_adjustment (
    company text NOT NULL,
    voucher text NOT NULL,
    actual_id bigint NOT NULL,
    accounting_date date NOT NULL,
    side text NOT NULL CHECK (side IN ('both', 'wip', 'revenue')),
    offset_account text,
    amount numeric(19, 4) NOT NULL CHECK (amount <> 0),
    reporting_amount numeric(19, 4) NOT NULL,
    description text NOT NULL,
    adjusted_by text NOT NULL,
    adjusted_at timestamptz NOT NULL,
    PRIMARY KEY (company, voucher, actual_id),
    CONSTRAINT one_side_needs_an_offset CHECK ((side = 'both') = (offset_account IS NULL))
);
CREATE INDEX adjustment_of_actual ON finance.accrual_adjustment (company, actual_id); -- query: accrual_balance

-- Every accrued sale that an invoice bills: what was accrued, what invoicing reversed, what was
-- corrected. Balanced where imbalance_amount is zero (spec P37).
CREATE VIEW finance.accrual_balance AS
WITH adjusted AS (
    SELECT
        company,
        actual_id,
        sum(amount) AS amount
    FROM finance.accrual_adjustment
    GROUP BY company, actual_id
)

SELECT
    posted.company,
    posted.actual_id,
    staged_actual.project_id,
    posted.voucher,
    posted.accounting_date,
    posted.wip_account,
    posted.accrued_revenue_account,
    posted.accrued_amount,
    posted.accrued_reporting_amount,
    invoice_line.voucher AS invoice_voucher,
    invoice_line.accounting_date AS invoiced_on,
    -invoice_line.accrual_reversed_amount AS reversed_amount,
    -coalesce(adjusted.amount, 0) AS adjusted_amount,
    posted.accrued_amount - invoice_line.accrual_reversed_amount - coalesce(adjusted.amount, 0) AS imbalance_amount
FROM finance.invoice_line
JOIN finance.proposal_line AS line
    ON line.company = invoice_line.company AND line.actual_id = invoice_line.actual_id
JOIN finance.project_transaction AS posted
    ON posted.company = line.company AND posted.actual_id = line.transaction_id
JOIN finance.staged_actual
    ON staged_actual.company = posted.company AND staged_actual.actual_id = abs(posted.actual_id)
LEFT JOIN adjusted ON adjusted.company = posted.company AND adjusted.actual_id = posted.actual_id
WHERE posted.accrued_amount <> 0 OR invoice_line.accrual_reversed_amount <> 0;

GRANT SELECT ON
finance.year_closing, finance.accrual_adjustment, finance.accrual_balance
TO twofold_finance, twofold_dualwrite, twofold_auditor;
GRANT INSERT ON finance.year_closing, finance.accrual_adjustment TO twofold_finance;
