-- Working on the bridge: choosing change sets by query, and alert rules. In both databases alike;
-- the alert tables are used in the operations book only, where people decide about maps: a rule,
-- the pause it asks for and the news of it are then one commit.

-- The sets on their way that a query names; NULL asks for no condition. One place for what
-- `sets list`, `sets redrive` and `sets dismiss` mean by the same words.
CREATE FUNCTION dualwrite.chosen_sets(
    in_company text,
    in_set_ids bigint[],
    in_states text[],
    in_codes text[],
    in_maps text[],
    in_streams text[],
    in_older_than interval
) RETURNS SETOF dualwrite.pending
LANGUAGE sql STABLE
AS $$
    SELECT pending.*
    FROM dualwrite.pending
    WHERE
        (in_company IS NULL OR pending.company = in_company)
        AND (in_set_ids IS NULL OR pending.set_id = any(in_set_ids))
        AND (in_states IS NULL OR pending.state::text = any(in_states))
        AND (in_codes IS NULL OR pending.code = any(in_codes))
        AND (in_maps IS NULL OR pending.maps && in_maps)
        AND (in_streams IS NULL OR pending.stream = any(in_streams))
        AND (in_older_than IS NULL OR pending.since < clock_timestamp() - in_older_than)
$$;

REVOKE EXECUTE ON FUNCTION dualwrite.chosen_sets(text, bigint[], text[], text[], text[], text[], interval)
FROM public;
GRANT EXECUTE ON FUNCTION dualwrite.chosen_sets(text, bigint[], text[], text[], text[], text[], interval)
TO twofold_dualwrite, twofold_auditor;

-- Failed attempts of the last minutes: what alert rules count.
CREATE INDEX event_with_code ON dualwrite.event (happened_at) WHERE code IS NOT NULL; -- query: alerts.measure

-- When maps were paused, halted and let run. query: alerts.let_run
CREATE INDEX event_of_map ON dualwrite.event (map, happened_at) WHERE set_id IS NULL;

CREATE TYPE dualwrite.alert_measure AS ENUM ('errors', 'lag', 'queue', 'silence', 'size');
CREATE TYPE dualwrite.alert_action AS ENUM ('notify', 'pause', 'halt');

-- errors: failed attempts within the last minutes. lag: minutes the oldest set has been on its
-- way. queue: sets on their way. silence: minutes since an engine was last seen. size: megabytes
-- that sets and their log take on the disk of a book. A rule fires when what it measures reaches
-- the threshold.
CREATE TABLE dualwrite.alert_rule (
    alert text PRIMARY KEY CHECK (alert <> ''),
    measure dualwrite.alert_measure NOT NULL,
    threshold bigint NOT NULL CHECK (threshold > 0),
    within_minutes integer CHECK (within_minutes > 0),
    action dualwrite.alert_action NOT NULL,
    company text,
    map text,
    code text,
    error_class text,
    made_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    made_by text NOT NULL CHECK (made_by <> ''),
    CONSTRAINT errors_are_counted_within_minutes CHECK ((measure = 'errors') = (within_minutes IS NOT NULL)),
    CONSTRAINT only_errors_have_a_code CHECK (measure = 'errors' OR (code IS NULL AND error_class IS NULL)),
    CONSTRAINT a_code_or_a_class CHECK (code IS NULL OR error_class IS NULL),
    CONSTRAINT a_map_is_paused_by_name CHECK (action = 'notify' OR map IS NOT NULL)
);

-- From the moment a rule fires until what it measures is below the threshold again. One episode
-- of a rule is open at a time: that is why an alert is told once.
CREATE TABLE dualwrite.alert_episode (
    episode_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    alert text NOT NULL,
    measured bigint NOT NULL,
    told text NOT NULL,
    began_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    ended_at timestamptz
);

CREATE UNIQUE INDEX one_open_episode ON dualwrite.alert_episode (alert) WHERE ended_at IS NULL;

-- Who is to be told of an episode, and whether that has worked: sent again until it has.
CREATE TABLE dualwrite.alert_notification (
    episode_id bigint NOT NULL REFERENCES dualwrite.alert_episode (episode_id),
    channel text NOT NULL CHECK (channel IN ('webhook', 'command')),
    attempts integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    sent_at timestamptz,
    problem text,
    PRIMARY KEY (episode_id, channel)
);

-- query: alerts.take_notification
CREATE INDEX notification_to_send ON dualwrite.alert_notification (next_attempt_at)
WHERE sent_at IS NULL;

GRANT SELECT ON dualwrite.alert_rule, dualwrite.alert_episode, dualwrite.alert_notification
TO twofold_operations, twofold_finance, twofold_dualwrite, twofold_auditor;
GRANT INSERT, DELETE ON dualwrite.alert_rule TO twofold_dualwrite;
GRANT INSERT, UPDATE (ended_at) ON dualwrite.alert_episode TO twofold_dualwrite;
GRANT INSERT, UPDATE (attempts, next_attempt_at, sent_at, problem)
ON dualwrite.alert_notification TO twofold_dualwrite;

-- Engines that are at work, as each says of itself every few seconds. Whoever watches from
-- outside looks here: no row, or an old one, means that nobody delivers.
CREATE TABLE dualwrite.engine (
    engine text PRIMARY KEY CHECK (engine <> ''),
    host text NOT NULL,
    pid integer NOT NULL,
    -- The newest format of sets that it reads.
    format integer NOT NULL,
    started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    seen_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

GRANT SELECT ON dualwrite.engine
TO twofold_operations, twofold_finance, twofold_dualwrite, twofold_auditor;
GRANT INSERT, UPDATE (seen_at), DELETE ON dualwrite.engine TO twofold_dualwrite;
