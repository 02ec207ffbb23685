-- Rows as they stand: comparing the books, and writing rows without a set. Kept in the book that
-- receives the rows, in both databases alike.

-- One comparison of one map and company, as of the moments the two snapshots were taken.
CREATE TABLE dualwrite.reconciliation (
    run text NOT NULL,
    company text NOT NULL,
    map text NOT NULL,
    map_hash text NOT NULL,
    period text,
    -- The watermark: the receiver's chain as far as it was compared, and the sender's last set.
    chain_number bigint NOT NULL,
    last_set_id bigint NOT NULL,
    in_flight_sets bigint NOT NULL,
    overdue_sets bigint NOT NULL,
    lost_sets bigint NOT NULL,
    -- Rows left out on both sides: on their way, given up by a person, kept back by a stopped map.
    in_flight_rows bigint NOT NULL,
    accepted_rows bigint NOT NULL,
    gap_rows bigint NOT NULL,
    -- Rows that the map's filter keeps in the sending book.
    excluded_rows bigint NOT NULL,
    -- Facts that are as an older version of the map made them: no difference.
    older_rows bigint NOT NULL,
    source_rows bigint NOT NULL,
    target_rows bigint NOT NULL,
    differing_buckets bigint NOT NULL,
    difference_count bigint NOT NULL,
    is_located boolean NOT NULL,
    -- Whether every differing bucket was looked into.
    is_complete boolean NOT NULL,
    started_at timestamptz NOT NULL,
    finished_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    actor text NOT NULL,
    PRIMARY KEY (company, map, run)
);

CREATE INDEX reconciliation_latest ON dualwrite.reconciliation (map, company, finished_at); -- query: last_looks

-- What each period added up to.
CREATE TABLE dualwrite.reconciled_period (
    run text NOT NULL,
    company text NOT NULL,
    map text NOT NULL,
    period text NOT NULL,
    source_rows bigint NOT NULL,
    target_rows bigint NOT NULL,
    differing_buckets bigint NOT NULL,
    PRIMARY KEY (company, map, run, period)
);

-- A row that differs, by its key, and each of its fields that does.
CREATE TABLE dualwrite.difference (
    run text NOT NULL,
    company text NOT NULL,
    map text NOT NULL,
    row_key text NOT NULL,
    field text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('missing', 'extra', 'differs')),
    source_value text,
    target_value text,
    -- The rows as they were seen: a repair is of these, and of no others.
    source_hash bigint,
    target_hash bigint,
    PRIMARY KEY (company, map, run, row_key, field)
);

-- What an approved repair did to one row.
CREATE TABLE dualwrite.repair (
    run text NOT NULL,
    company text NOT NULL,
    map text NOT NULL,
    row_key text NOT NULL,
    action text NOT NULL CHECK (action IN ('inserted', 'overwritten')),
    reason text NOT NULL CHECK (reason <> ''),
    repaired_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    repaired_by text NOT NULL CHECK (repaired_by <> ''),
    PRIMARY KEY (company, map, run, row_key)
);

-- One initial write of one map and company: how far it is. Changed in the transactions that
-- write the rows, so it is true whatever dies.
CREATE TABLE dualwrite.initial_write (
    run text NOT NULL,
    company text NOT NULL,
    map text NOT NULL,
    map_hash text NOT NULL,
    mode text NOT NULL CHECK (mode IN ('refuse', 'adopt', 'source_wins')),
    -- The sets whose rows a back-fill writes; NULL: every row of the table.
    gap_sets bigint[],
    row_count bigint NOT NULL,
    done_upto text,
    added_count bigint NOT NULL DEFAULT 0,
    same_count bigint NOT NULL DEFAULT 0,
    changed_count bigint NOT NULL DEFAULT 0,
    newer_count bigint NOT NULL DEFAULT 0,
    differing_count bigint NOT NULL DEFAULT 0,
    bad_count bigint NOT NULL DEFAULT 0,
    started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    started_by text NOT NULL,
    finished_at timestamptz,
    PRIMARY KEY (company, map, run)
);

CREATE UNIQUE INDEX one_initial_write_at_a_time ON dualwrite.initial_write (company, map)
WHERE finished_at IS NULL; -- query: initial_write.unfinished

-- Rows an initial write set aside; a row leaves when a later attempt writes it.
CREATE TABLE dualwrite.bad_row (
    run text NOT NULL,
    company text NOT NULL,
    map text NOT NULL,
    row_key text NOT NULL,
    -- What the row is found by: the first column of the key.
    lead text NOT NULL,
    field text NOT NULL,
    code text NOT NULL,
    value text,
    reason text NOT NULL,
    PRIMARY KEY (company, map, run, row_key, field)
);

GRANT SELECT ON
dualwrite.reconciliation, dualwrite.reconciled_period, dualwrite.difference, dualwrite.repair,
dualwrite.initial_write, dualwrite.bad_row
TO twofold_operations, twofold_finance, twofold_dualwrite, twofold_auditor;
GRANT INSERT ON
dualwrite.reconciliation, dualwrite.reconciled_period, dualwrite.difference, dualwrite.repair,
dualwrite.initial_write, dualwrite.bad_row
TO twofold_dualwrite;
GRANT UPDATE (
    done_upto, added_count, same_count, changed_count, newer_count, differing_count, bad_count, finished_at
) ON dualwrite.initial_write TO twofold_dualwrite;
GRANT DELETE ON dualwrite.bad_row TO twofold_dualwrite;
