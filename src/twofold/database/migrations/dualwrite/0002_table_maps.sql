-- Table maps: their versions, which one is active, and whether it runs. In both databases alike.

CREATE TYPE dualwrite.map_state AS ENUM (
    'draft', 'running', 'paused', 'stopped', 'halted', 'retired'
);

-- Which version of each map is active. The definition is kept whole, so that a set can be
-- finished and explained with the version it began with.
CREATE TABLE dualwrite.map_version (
    map text NOT NULL,
    map_version text NOT NULL,
    content_hash text NOT NULL,
    definition text NOT NULL,
    -- The target's column types it was compiled against.
    columns jsonb NOT NULL,
    -- The columns it uses in both books, and all of its two tables, as they were when it was last
    -- activated: what drift is measured against.
    fingerprint jsonb NOT NULL,
    activated_at timestamptz NOT NULL,
    activated_by text NOT NULL,
    PRIMARY KEY (map, content_hash)
);

CREATE TABLE dualwrite.map (
    map text PRIMARY KEY,
    content_hash text NOT NULL,
    -- Its place in the order in which maps are applied.
    position integer NOT NULL,
    state dualwrite.map_state NOT NULL,
    cause text,
    remedy text,
    changed_at timestamptz NOT NULL,
    changed_by text NOT NULL,
    -- The version a person rolled back from: it does not become active again by itself.
    rolled_back_from text,
    FOREIGN KEY (map, content_hash) REFERENCES dualwrite.map_version (map, content_hash),
    CONSTRAINT halted_has_a_cause CHECK (state <> 'halted' OR (cause IS NOT NULL AND remedy IS NOT NULL))
);

-- Which version was made active when. Rows are added and never changed.
CREATE TABLE dualwrite.map_activation (
    map text NOT NULL,
    activation_number bigint NOT NULL CHECK (activation_number > 0),
    activation text NOT NULL CHECK (activation IN ('activated', 'rolled back', 'retired')),
    content_hash text NOT NULL,
    activated_at timestamptz NOT NULL,
    activated_by text NOT NULL CHECK (activated_by <> ''),
    reason text NOT NULL DEFAULT '',
    PRIMARY KEY (map, activation_number),
    FOREIGN KEY (map, content_hash) REFERENCES dualwrite.map_version (map, content_hash)
);

-- A map can be held for one company only. It runs there when it runs at all and no row says otherwise.
CREATE TABLE dualwrite.map_company (
    company text NOT NULL,
    map text NOT NULL REFERENCES dualwrite.map (map),
    state dualwrite.map_state NOT NULL CHECK (state IN ('paused', 'stopped', 'halted')),
    cause text,
    remedy text,
    changed_at timestamptz NOT NULL,
    changed_by text NOT NULL,
    PRIMARY KEY (company, map),
    CONSTRAINT halted_has_a_cause CHECK (state <> 'halted' OR (cause IS NOT NULL AND remedy IS NOT NULL))
);

GRANT SELECT ON dualwrite.map_version, dualwrite.map, dualwrite.map_activation, dualwrite.map_company
TO twofold_operations, twofold_finance, twofold_dualwrite, twofold_auditor;
GRANT INSERT ON dualwrite.map_version, dualwrite.map_activation TO twofold_dualwrite;
GRANT UPDATE (fingerprint) ON dualwrite.map_version TO twofold_dualwrite;
GRANT INSERT, UPDATE ON dualwrite.map TO twofold_dualwrite;
GRANT INSERT, UPDATE, DELETE ON dualwrite.map_company TO twofold_dualwrite;
