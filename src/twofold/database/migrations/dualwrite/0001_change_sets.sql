-- Change sets, in both databases alike: what this book sent (outbox) and what it received (inbox).
-- Outbox, manifest, inbox and acknowledgement are facts: rows are added and never changed.
-- What is still on its way is a row of `pending`, deleted when the set is acknowledged.

CREATE SCHEMA dualwrite;

CREATE SEQUENCE dualwrite.set_key;

-- The last version given to each business key. Its row lock puts the transactions that
-- produce sets for one key in commit order; other keys are not held up.
CREATE TABLE dualwrite.stream (
    company text NOT NULL,
    stream text NOT NULL CHECK (stream <> ''),
    version bigint NOT NULL CHECK (version > 0),
    PRIMARY KEY (company, stream)
);

CREATE TABLE dualwrite.outbox (
    company text NOT NULL CHECK (company ~ '^\S(.*\S)?$'),
    set_id bigint NOT NULL,
    kind text NOT NULL,
    stream text NOT NULL,
    version bigint NOT NULL,
    -- The keys of the facts the set added, where they were numbered in one block.
    key_first bigint,
    key_last bigint,
    actor text NOT NULL,
    created_at timestamptz NOT NULL,
    -- How the set and its manifest are written; a program leaves sets of a newer format alone.
    format integer NOT NULL DEFAULT 1 CHECK (format > 0),
    committed_in xid8 NOT NULL DEFAULT pg_current_xact_id(),
    PRIMARY KEY (company, set_id),
    CONSTRAINT version_is_given_once UNIQUE (company, stream, version),
    CONSTRAINT key_block_is_whole CHECK ((key_first IS NULL) = (key_last IS NULL) AND key_first <= key_last)
);

-- What each map carries of a set: rows, their content hash, rows left out by the map's filter,
-- and the totals per currency and transaction type. map_hash pins the map's version.
CREATE TABLE dualwrite.manifest (
    company text NOT NULL,
    set_id bigint NOT NULL,
    map text NOT NULL,
    map_hash text NOT NULL,
    row_count bigint NOT NULL CHECK (row_count >= 0),
    excluded_count bigint NOT NULL CHECK (excluded_count >= 0),
    content_hash numeric NOT NULL,
    totals jsonb NOT NULL,
    PRIMARY KEY (company, set_id, map)
);

-- Rows of mutable tables as they were when the set was made: the table may change before
-- the set is delivered, the set may not.
CREATE TABLE dualwrite.captured (
    company text NOT NULL,
    set_id bigint NOT NULL,
    map text NOT NULL,
    row_number bigint NOT NULL,
    content jsonb NOT NULL,
    PRIMARY KEY (company, set_id, map, row_number)
);

CREATE TYPE dualwrite.pending_state AS ENUM ('waiting', 'parked', 'stopped');

CREATE TABLE dualwrite.pending (
    company text NOT NULL,
    set_id bigint NOT NULL,
    stream text NOT NULL,
    version bigint NOT NULL,
    -- waiting: to be delivered. parked: something it refers to is missing. stopped: needs a person.
    state dualwrite.pending_state NOT NULL DEFAULT 'waiting',
    lease_token bigint NOT NULL DEFAULT 0,
    leased_until timestamptz,
    -- Who holds the lease: the name its sessions have in both books.
    leased_by text,
    -- The maps that carry rows of the set: while one of them is paused, the set waits.
    maps text[] NOT NULL DEFAULT '{}',
    row_count bigint NOT NULL DEFAULT 0,
    -- What keeps a waiting set back: an earlier set of its stream, or a map that is paused or
    -- halted. Noted by the lease that met it, so that no later lease looks at it again; taken
    -- back when the earlier set is done or the map runs.
    held_by text CHECK (held_by IN ('stream', 'map')),
    -- How long it is on its way, by this server's clock.
    since timestamptz NOT NULL DEFAULT clock_timestamp(),
    attempts integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz,
    code text,
    problem text,
    PRIMARY KEY (company, set_id)
) WITH (fillfactor = 50);

CREATE INDEX pending_in_order ON dualwrite.pending (company, stream, version); -- query: lease.judge

-- Sets that may be delivered, in the order in which they are due. query: lease.due
CREATE INDEX pending_due ON dualwrite.pending
(company, coalesce(greatest(next_attempt_at, leased_until), '-infinity'::timestamptz), set_id)
WHERE state = 'waiting' AND held_by IS NULL;

CREATE INDEX pending_held_by_map ON dualwrite.pending (company, set_id) -- query: wake.free_from_maps
WHERE held_by = 'map';

-- What a parked set waits for: a value that a lookup of the receiving book does not find.
CREATE TABLE dualwrite.waits_for (
    company text NOT NULL,
    set_id bigint NOT NULL,
    map text NOT NULL,
    column_name text NOT NULL,
    value text NOT NULL,
    -- schema.table.column of the receiving book, where the value is to appear.
    lookup text NOT NULL,
    PRIMARY KEY (company, set_id, map, column_name, value)
);

CREATE INDEX waits_for_lookup ON dualwrite.waits_for (lookup, company, value); -- query: wake.awaited

-- A set a person gave up, with the reason. It is no longer pending and never was applied.
CREATE TABLE dualwrite.dismissed (
    company text NOT NULL,
    set_id bigint NOT NULL,
    code text,
    problem text,
    reason text NOT NULL CHECK (reason <> ''),
    dismissed_by text NOT NULL CHECK (dismissed_by <> ''),
    dismissed_at timestamptz NOT NULL,
    PRIMARY KEY (company, set_id)
);

-- Sets whose rows did not travel through a map because it was stopped. A back-fill closes the
-- gap and deletes the row.
CREATE TABLE dualwrite.gap (
    company text NOT NULL,
    map text NOT NULL,
    set_id bigint NOT NULL,
    row_count bigint NOT NULL CHECK (row_count > 0),
    PRIMARY KEY (company, map, set_id)
);

-- The acknowledgement is a copy: what it says can be read again from the receiver's inbox.
CREATE TABLE dualwrite.acknowledged (
    company text NOT NULL,
    set_id bigint NOT NULL,
    -- The receiver's clock.
    applied_at timestamptz NOT NULL,
    acknowledged_at timestamptz NOT NULL,
    -- The link of the receiver's chain that holds the set.
    chain_number bigint NOT NULL,
    chain_hash text NOT NULL,
    PRIMARY KEY (company, set_id)
);

CREATE INDEX acknowledged_by_chain_number ON dualwrite.acknowledged (company, chain_number); -- query: identity

-- The truth about "applied": written in the transaction that applied the set.
CREATE TABLE dualwrite.inbox (
    company text NOT NULL CHECK (company ~ '^\S(.*\S)?$'),
    source text NOT NULL CHECK (source IN ('operations', 'finance')),
    set_id bigint NOT NULL,
    kind text NOT NULL,
    stream text NOT NULL,
    version bigint NOT NULL,
    key_first bigint,
    key_last bigint,
    -- Hash over the manifest of the set, map by map.
    content_hash text NOT NULL,
    row_count bigint NOT NULL,
    actor text NOT NULL,
    created_at timestamptz NOT NULL,
    applied_at timestamptz NOT NULL,
    PRIMARY KEY (company, source, set_id),
    CONSTRAINT version_arrives_once UNIQUE (company, source, stream, version)
);

-- Sets of the other book that a person there gave up: from then on none of them is applied here,
-- however late an engine comes with it. A set stands in the inbox or here, never in both; the
-- lock of the chain's head puts the two in order.
CREATE TABLE dualwrite.barred (
    company text NOT NULL,
    source text NOT NULL CHECK (source IN ('operations', 'finance')),
    set_id bigint NOT NULL,
    reason text NOT NULL CHECK (reason <> ''),
    barred_by text NOT NULL CHECK (barred_by <> ''),
    barred_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (company, source, set_id)
);

-- Applied sets in the order they were applied, each link hashed over the one before: whoever
-- changes, adds or removes an applied set afterwards breaks the chain.
CREATE TABLE dualwrite.chain (
    company text NOT NULL,
    source text NOT NULL CHECK (source IN ('operations', 'finance')),
    chain_number bigint NOT NULL CHECK (chain_number > 0),
    set_id bigint NOT NULL,
    previous_hash text NOT NULL,
    hash text NOT NULL,
    PRIMARY KEY (company, source, chain_number),
    CONSTRAINT set_is_linked_once UNIQUE (company, source, set_id)
);

-- The last link of each chain. Its row lock puts the transactions that apply sets in order.
CREATE TABLE dualwrite.chain_head (
    company text NOT NULL,
    source text NOT NULL,
    chain_number bigint NOT NULL,
    hash text NOT NULL,
    PRIMARY KEY (company, source)
);

-- What happened to sets and maps, and who did it. Rows are added and never changed.
CREATE TABLE dualwrite.event (
    event_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    happened_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    event text NOT NULL,
    company text,
    set_id bigint,
    map text,
    code text,
    detail text,
    actor text NOT NULL
);

CREATE INDEX event_of_set ON dualwrite.event (company, set_id) -- query: events.of_set
WHERE set_id IS NOT NULL;

-- The books' own roles write the sets they produce and read the rest; only dual-write
-- delivers, receives and acknowledges. Nobody deletes or changes a fact.
GRANT USAGE ON SCHEMA dualwrite
TO twofold_operations, twofold_finance, twofold_dualwrite, twofold_auditor;
GRANT SELECT ON ALL TABLES IN SCHEMA dualwrite
TO twofold_operations, twofold_finance, twofold_dualwrite, twofold_auditor;
GRANT INSERT ON dualwrite.outbox, dualwrite.manifest, dualwrite.captured, dualwrite.pending, dualwrite.gap
TO twofold_operations, twofold_finance;
GRANT INSERT, UPDATE ON dualwrite.stream TO twofold_operations, twofold_finance;
GRANT USAGE ON SEQUENCE dualwrite.set_key TO twofold_operations, twofold_finance;

GRANT INSERT ON
dualwrite.inbox, dualwrite.acknowledged, dualwrite.chain, dualwrite.dismissed, dualwrite.barred, dualwrite.event
TO twofold_dualwrite;
GRANT INSERT, UPDATE ON dualwrite.chain_head TO twofold_dualwrite;
GRANT INSERT, DELETE ON dualwrite.waits_for TO twofold_dualwrite;
GRANT DELETE ON dualwrite.gap TO twofold_dualwrite;
GRANT UPDATE (
    state, lease_token, leased_until, leased_by, held_by, attempts, next_attempt_at, code, problem
), DELETE
ON dualwrite.pending TO twofold_dualwrite;

-- Fresh statistics for a table that has none, or has outgrown those it has: without them the next statement
-- may be planned for a handful of rows. Whoever refreshes it already is left to it.
CREATE FUNCTION dualwrite.refresh_statistics(relation regclass) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog
AS $$
DECLARE
    has_outgrown boolean;
BEGIN
    SELECT reltuples < 0 OR pg_relation_size(oid) / current_setting('block_size')::integer > 1.5 * relpages + 10
    INTO has_outgrown
    FROM pg_class
    WHERE oid = relation;
    IF has_outgrown THEN
        EXECUTE format('ANALYZE (SKIP_LOCKED) %s', relation);
    END IF;
END
$$;

REVOKE EXECUTE ON FUNCTION dualwrite.refresh_statistics(regclass) FROM public;
GRANT EXECUTE ON FUNCTION dualwrite.refresh_statistics(regclass)
TO twofold_operations, twofold_finance, twofold_dualwrite;
