-- What import from staging still has to look at, and what became of the journals it filled.

-- Change sets of operations up to this link of the chain have been looked at by the import.
CREATE TABLE finance.import_progress (
    company text PRIMARY KEY REFERENCES finance.legal_entity (company),
    chain_number bigint NOT NULL
);

-- Sets that came without their rows, because a map was stopped; a back-fill may bring them.
CREATE TABLE finance.awaited_set (
    company text NOT NULL,
    source_set_id bigint NOT NULL,
    PRIMARY KEY (company, source_set_id)
);

-- Staged rows whose journal line was deleted: the next import makes a new one.
CREATE TABLE finance.reopened_actual (
    company text NOT NULL,
    actual_id bigint NOT NULL,
    reopened_by text NOT NULL,
    reopened_at timestamptz NOT NULL,
    PRIMARY KEY (company, actual_id)
);

-- Rows that the import for one proposal took before the rest of their set.
CREATE TABLE finance.taken_ahead (
    company text NOT NULL,
    actual_id bigint NOT NULL,
    source_set_id bigint NOT NULL,
    PRIMARY KEY (company, actual_id)
);

CREATE INDEX taken_ahead_of_set ON finance.taken_ahead (company, source_set_id); -- query: leave_taken_ahead

-- Finds the reversal of an actual. Approvals connect nothing this way, so it costs them nothing.
CREATE INDEX connection_of_reversed ON finance.staged_connection (company, transaction2_id) -- query: delete_lines
WHERE transaction1_role = 'reversing';

GRANT SELECT ON finance.import_progress, finance.awaited_set, finance.reopened_actual, finance.taken_ahead
TO twofold_finance, twofold_dualwrite, twofold_auditor;
GRANT INSERT, UPDATE (chain_number) ON finance.import_progress TO twofold_finance;
GRANT INSERT, DELETE ON finance.awaited_set, finance.reopened_actual, finance.taken_ahead TO twofold_finance;

-- waiting: not begun. processing: taken by a worker. done: posted, or in error. refused: nothing
-- was posted, and the journal is as it was. given_up: taken back to draft after its worker died.
CREATE TYPE finance.posting_step AS ENUM ('waiting', 'processing', 'done', 'refused', 'given_up');

-- A call that posts journals, for others to look at while it runs, and afterwards.
CREATE TABLE finance.posting_run (
    company text NOT NULL REFERENCES finance.legal_entity (company),
    posting_run_id bigint GENERATED ALWAYS AS IDENTITY,
    started_by text NOT NULL,
    started_at timestamptz NOT NULL,
    worker_count integer NOT NULL CHECK (worker_count > 0),
    PRIMARY KEY (company, posting_run_id)
);

CREATE TABLE finance.posting_run_journal (
    company text NOT NULL,
    posting_run_id bigint NOT NULL,
    journal_id bigint NOT NULL,
    state finance.posting_step NOT NULL DEFAULT 'waiting',
    begun_at timestamptz,
    ended_at timestamptz,
    posted_count bigint NOT NULL DEFAULT 0,
    refused_count bigint NOT NULL DEFAULT 0,
    code text,
    PRIMARY KEY (company, posting_run_id, journal_id),
    FOREIGN KEY (company, posting_run_id) REFERENCES finance.posting_run (company, posting_run_id)
);

CREATE INDEX posting_run_waits ON finance.posting_run_journal (company, posting_run_id, journal_id) -- query: claim
WHERE state = 'waiting';

-- A journal is in one worker's hands at a time.
CREATE UNIQUE INDEX journal_is_processed_once ON finance.posting_run_journal (company, journal_id)
WHERE state = 'processing';

GRANT SELECT ON finance.posting_run, finance.posting_run_journal
TO twofold_finance, twofold_dualwrite, twofold_auditor;
GRANT INSERT ON finance.posting_run, finance.posting_run_journal TO twofold_finance;
GRANT UPDATE (state, begun_at, ended_at, posted_count, refused_count, code) ON finance.posting_run_journal
TO twofold_finance;

CREATE TYPE finance.message_source AS ENUM ('import', 'journal', 'proposal');

-- Troubleshooting log: the newest message of each record. record_id: an actual, or a proposal.
-- row_count: how many rows of a proposal it is about.
CREATE TABLE finance.message (
    company text NOT NULL,
    source finance.message_source NOT NULL,
    record_id bigint NOT NULL,
    code text NOT NULL,
    field text NOT NULL,
    value text NOT NULL,
    row_count bigint NOT NULL DEFAULT 1,
    logged_at timestamptz NOT NULL,
    PRIMARY KEY (company, source, record_id, code, field)
);

CREATE INDEX message_by_time ON finance.message (company, logged_at); -- query: list_messages, purge_messages

GRANT SELECT ON finance.message TO twofold_finance, twofold_dualwrite, twofold_auditor;
GRANT INSERT, DELETE ON finance.message TO twofold_finance;

-- The last day before the cut-over: what is dated up to it was brought over as balances of the ledger.
CREATE TABLE finance.beginning_balance (
    company text PRIMARY KEY REFERENCES finance.legal_entity (company),
    cut_off_on date NOT NULL,
    stated_by text NOT NULL,
    stated_at timestamptz NOT NULL
);

GRANT SELECT ON finance.beginning_balance TO twofold_finance, twofold_dualwrite, twofold_auditor;
GRANT INSERT, UPDATE (cut_off_on, stated_by, stated_at) ON finance.beginning_balance TO twofold_finance;

-- Billed sales dated up to the cut-off: invoiced before the company worked with Twofold. They have no
-- customer invoice here, and neither has their proposal.
ALTER TYPE finance.proposal_state ADD VALUE 'brought_over';

GRANT INSERT ON finance.brought_over_sale TO twofold_finance;
