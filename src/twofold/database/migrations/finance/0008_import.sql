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
