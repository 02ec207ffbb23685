-- Retainers and advances: what a customer pays before the work, and how much of it is left.

CREATE SEQUENCE operations.retainer_key;

-- not_ready, ready: to be invoiced. on_proforma: on a draft that invoices it. posted: invoiced, so
-- that it is available.
CREATE TYPE operations.retainer_state AS ENUM ('not_ready', 'ready', 'on_proforma', 'posted');
-- ready: refund_amount goes onto the next draft. on_proforma: on a draft. refunded: nothing is left.
CREATE TYPE operations.refund_state AS ENUM ('ready', 'on_proforma', 'refunded');

-- A prepayment of one customer of a contract (an advance is one without a schedule). Amounts are in
-- the contract's currency. used_amount is what confirmed proformas applied and refunded of it; it
-- changes only under the row's lock, so that two confirmations never use more than there is.
CREATE TABLE operations.retainer (
    company text NOT NULL,
    retainer_id bigint NOT NULL,
    contract_id bigint NOT NULL,
    customer_id bigint NOT NULL,
    -- Where its actuals stand, for every actual has a project: that of the contract's first line
    -- that names one, else the contract's first. No rule asks for the state of this project.
    project_id bigint NOT NULL,
    description text NOT NULL CHECK (description <> ''),
    invoice_date date NOT NULL,
    amount numeric(19, 4) NOT NULL,
    currency text NOT NULL,
    state operations.retainer_state NOT NULL DEFAULT 'not_ready',
    used_amount numeric(19, 4) NOT NULL DEFAULT 0,
    refund_state operations.refund_state,
    refund_amount numeric(19, 4),
    -- The draft that invoices or refunds it.
    proforma_id bigint,
    PRIMARY KEY (company, retainer_id),
    CONSTRAINT retainer_is_above_zero CHECK (amount > 0),
    CONSTRAINT used_is_within_the_retainer CHECK (used_amount BETWEEN 0 AND amount),
    CONSTRAINT only_an_invoiced_retainer_is_used CHECK (
        state = 'posted' OR (used_amount = 0 AND refund_state IS NULL)
    ),
    CONSTRAINT refund_is_within_what_is_available CHECK (
        (refund_amount IS NOT NULL) = (coalesce(refund_state, 'refunded') <> 'refunded')
        AND coalesce(refund_amount, 0) BETWEEN 0 AND amount - used_amount
    ),
    CONSTRAINT refunded_leaves_nothing CHECK (refund_state <> 'refunded' OR used_amount = amount),
    CONSTRAINT retainer_is_on_a_draft CHECK (
        (proforma_id IS NOT NULL) = (state = 'on_proforma' OR coalesce(refund_state = 'on_proforma', false))
    ),
    FOREIGN KEY (company, contract_id, customer_id)
    REFERENCES operations.contract_customer (company, contract_id, customer_id),
    FOREIGN KEY (company, project_id) REFERENCES operations.project (company, project_id)
);

-- Query: what a draft of the contract may invoice, apply and refund (proforma.create).
CREATE INDEX retainer_of_contract ON operations.retainer (company, contract_id);

-- What is left of each retainer: nothing before it is invoiced, then its amount less what is used.
-- applicable_amount is without what is kept for a refund.
CREATE VIEW operations.retainer_available AS
SELECT
    company,
    retainer_id,
    CASE state WHEN 'posted' THEN amount - used_amount ELSE 0 END AS available_amount,
    CASE state WHEN 'posted' THEN amount - used_amount - coalesce(refund_amount, 0) ELSE 0 END AS applicable_amount
FROM operations.retainer;

-- What is to be done with retainers on a proforma: to be invoiced, or refunded; amount is signed as
-- the customer pays it. A retainer is one of them at a time, or neither.
CREATE VIEW operations.retainer_item AS
SELECT
    company,
    retainer_id,
    contract_id,
    customer_id,
    project_id,
    description,
    invoice_date,
    currency,
    proforma_id,
    CASE state WHEN 'posted' THEN 'refunded' ELSE 'invoiced' END::operations.retainer_use AS retainer_use,
    CASE state WHEN 'posted' THEN refund_state::text ELSE state::text END AS state,
    CASE state WHEN 'posted' THEN -refund_amount ELSE amount END AS amount
FROM operations.retainer
WHERE state <> 'posted' OR refund_state IN ('ready', 'on_proforma');

GRANT SELECT ON operations.retainer, operations.retainer_available, operations.retainer_item
TO twofold_operations, twofold_dualwrite, twofold_auditor;
GRANT INSERT, UPDATE (
    state, used_amount, refund_state, refund_amount, proforma_id
) ON operations.retainer TO twofold_operations;
