-- Reviewing proposals before they are posted: their history, and how they are printed.

CREATE TYPE finance.proposal_act AS ENUM (
    'header_edited', 'taxes_edited', 'format_edited', 'lines_deleted', 'nothing_to_bill', 'submitted', 'approved',
    'rejected', 'change_requested', 'reset'
);

-- What people and import did to a proposal, in their order; never changed.
CREATE TABLE finance.proposal_event (
    company text NOT NULL,
    proposal_id bigint NOT NULL,
    event_id bigint GENERATED ALWAYS AS IDENTITY,
    act finance.proposal_act NOT NULL,
    actor text NOT NULL,
    at timestamptz NOT NULL,
    note text NOT NULL DEFAULT '',
    PRIMARY KEY (company, proposal_id, event_id)
);

-- A section of the printed document (PSAInvoiceFormats): the lines of one class, each by itself or
-- summed up, or left out. A proposal without rows is printed in the order of classes, in detail.
CREATE TABLE finance.proposal_section (
    company text NOT NULL,
    proposal_id bigint NOT NULL,
    class finance.transaction_class NOT NULL,
    position integer NOT NULL CHECK (position > 0),
    is_detailed boolean NOT NULL,
    is_included boolean NOT NULL,
    PRIMARY KEY (company, proposal_id, class),
    CONSTRAINT section_has_its_place UNIQUE (company, proposal_id, position)
);

GRANT SELECT ON finance.proposal_event, finance.proposal_section TO
twofold_finance, twofold_dualwrite, twofold_auditor;
GRANT INSERT (company, proposal_id, act, actor, at, note) ON finance.proposal_event TO twofold_finance;
GRANT INSERT, DELETE ON finance.proposal_section TO twofold_finance;
