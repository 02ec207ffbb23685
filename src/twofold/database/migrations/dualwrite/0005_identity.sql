-- Who this book is, and which book it is paired with. In both databases alike.

CREATE TABLE dualwrite.identity (
    is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    book text NOT NULL CHECK (book IN ('operations', 'finance')),
    book_id uuid NOT NULL,
    environment text NOT NULL CHECK (environment <> ''),
    -- Its place: the server's system identifier and the database's oid. A copy is elsewhere.
    system_identifier text NOT NULL,
    database_oid bigint NOT NULL,
    -- Changes when a standby takes over or a backup is restored.
    timeline integer NOT NULL,
    peer_id uuid NOT NULL,
    peer_system_identifier text NOT NULL,
    peer_database_oid bigint NOT NULL,
    paired_at timestamptz NOT NULL,
    paired_by text NOT NULL
);

-- Sets this book applied and their source lost, when it was restored from a backup. People
-- accepted it: the sets stay applied, and their absence in the source is no longer an alarm.
CREATE TABLE dualwrite.lost_set (
    company text NOT NULL,
    source text NOT NULL CHECK (source IN ('operations', 'finance')),
    set_id bigint NOT NULL,
    reason text NOT NULL CHECK (reason <> ''),
    accepted_by text NOT NULL,
    accepted_at timestamptz NOT NULL,
    PRIMARY KEY (company, source, set_id)
);

GRANT SELECT ON dualwrite.identity, dualwrite.lost_set
TO twofold_operations, twofold_finance, twofold_dualwrite, twofold_auditor;
-- Who pairs first writes the row; only an administrator, as owner, changes who belongs together.
GRANT INSERT, UPDATE (timeline) ON dualwrite.identity TO twofold_dualwrite;
