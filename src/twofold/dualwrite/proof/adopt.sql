-- name: withdraw
-- The receiver lost these sets: they are on their way again, and what it had acknowledged is no
-- longer true. Only whoever owns the book may take an acknowledgement back.
WITH withdrawn AS (
    DELETE FROM dualwrite.acknowledged
    WHERE company = %(company)s::text AND set_id = any(%(set_ids)s::bigint[])
    RETURNING company, set_id, chain_number, chain_hash
),

sent_again AS (
    INSERT INTO dualwrite.pending (company, set_id, stream, version, maps)
    SELECT
        outbox.company,
        outbox.set_id,
        outbox.stream,
        outbox.version,
        array(
            SELECT manifest.map
            FROM dualwrite.manifest
            WHERE
                manifest.company = outbox.company
                AND manifest.set_id = outbox.set_id
                AND manifest.row_count > 0
            ORDER BY manifest.map
        )
    FROM dualwrite.outbox
    JOIN withdrawn ON withdrawn.company = outbox.company AND withdrawn.set_id = outbox.set_id
    ON CONFLICT (company, set_id) DO NOTHING
)

INSERT INTO dualwrite.event (event, company, set_id, detail, actor)
SELECT
    'sent_again',
    company,
    set_id,
    'was link ' || chain_number || ' ' || chain_hash || '; ' || %(reason)s::text,
    %(actor)s::text
FROM withdrawn;

-- name: accept_lost
WITH accepted AS (
    INSERT INTO dualwrite.lost_set (company, source, set_id, reason, accepted_by, accepted_at)
    SELECT
        %(company)s::text,
        %(source)s::text,
        one.set_id,
        %(reason)s::text,
        %(actor)s::text,
        clock_timestamp()
    FROM unnest(%(set_ids)s::bigint[]) AS one (set_id)
    ON CONFLICT (company, source, set_id) DO NOTHING
    RETURNING company, set_id
)

INSERT INTO dualwrite.event (event, company, set_id, detail, actor)
SELECT
    'lost_by_its_source',
    company,
    set_id,
    %(source)s::text || ' no longer has it; ' || %(reason)s::text,
    %(actor)s::text
FROM accepted;

-- name: high_water
-- The highest numbers the receiver has seen of a source.
SELECT
    coalesce(max(set_id), 0) AS set_id,
    coalesce(max(key_last), 0) AS key_last
FROM dualwrite.inbox
WHERE source = %(source)s::text AND company IS NOT NULL;

-- name: stream_versions
-- The last version the receiver has of each stream in which its source lost a set.
WITH lost AS (
    SELECT
        company,
        set_id
    FROM unnest(%(companies)s::text[], %(set_ids)s::bigint[]) AS one (company, set_id)
),

streams AS (
    SELECT DISTINCT
        inbox.company,
        inbox.stream
    FROM dualwrite.inbox
    JOIN lost ON lost.company = inbox.company AND lost.set_id = inbox.set_id
    WHERE inbox.source = %(source)s::text
)

SELECT
    inbox.company,
    inbox.stream,
    max(inbox.version) AS version
FROM dualwrite.inbox
JOIN streams ON streams.company = inbox.company AND streams.stream = inbox.stream
WHERE inbox.source = %(source)s::text
GROUP BY inbox.company, inbox.stream;

-- name: move_streams
INSERT INTO dualwrite.stream AS known (company, stream, version)
SELECT
    one.company,
    one.stream,
    one.version
FROM
    unnest(
        %(companies)s::text[],
        %(streams)s::text[],
        %(versions)s::bigint[]
    ) AS one (company, stream, version)
ON CONFLICT (company, stream) DO UPDATE SET version = greatest(known.version, excluded.version);

-- name: move_sequences
-- No number is given twice: every sequence of the book goes past what the receiver has seen, and
-- a wide step further, for keys of rows that travelled without a key block.
SELECT count(setval(moved.sequence, moved.value)) AS moved
FROM (
    SELECT
        pg_class.oid::regclass AS sequence,
        least(
            greatest(
                coalesce(pg_sequence_last_value(pg_class.oid), 0),
                CASE
                    WHEN pg_namespace.nspname = 'dualwrite' THEN %(set_id)s::bigint
                    ELSE %(key_last)s::bigint
                END
            )
            + 1000000,
            pg_sequence.seqmax
        ) AS value
    FROM pg_catalog.pg_class
    JOIN pg_catalog.pg_namespace ON pg_namespace.oid = pg_class.relnamespace
    JOIN pg_catalog.pg_sequence ON pg_sequence.seqrelid = pg_class.oid
    WHERE pg_namespace.nspname NOT IN ('pg_catalog', 'information_schema', 'migration')
) AS moved;

-- name: record_pair
UPDATE dualwrite.identity
SET
    book_id = %(book_id)s::text::uuid,
    environment = %(environment)s::text,
    system_identifier = %(system)s::text,
    database_oid = %(database)s::bigint,
    timeline = %(timeline)s::integer,
    peer_id = %(peer_id)s::text::uuid,
    peer_system_identifier = %(peer_system)s::text,
    peer_database_oid = %(peer_database)s::bigint,
    paired_at = clock_timestamp(),
    paired_by = %(actor)s::text;
