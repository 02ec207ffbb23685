-- name: is_migrated
SELECT to_regclass('dualwrite.identity') IS NOT NULL AS is_migrated;

-- name: look
-- What the book's row says, beside what is. One row, whether the book is paired or not.
SELECT
    identity.book,
    identity.book_id::text AS book_id,
    identity.environment,
    identity.system_identifier AS was_system,
    identity.database_oid AS was_database,
    identity.timeline AS was_timeline,
    identity.peer_id::text AS peer_id,
    identity.peer_system_identifier AS peer_system,
    identity.peer_database_oid AS peer_database,
    control.system_identifier::text AS is_system,
    pg_database.oid::bigint AS is_database,
    CASE
        WHEN pg_is_in_recovery() THEN 0
        ELSE ('x' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8))::bit(32)::integer
    END AS is_timeline,
    pg_is_in_recovery() AS is_standby,
    current_setting('default_transaction_read_only') = 'on' AS is_read_only,
    gen_random_uuid()::text AS new_id
FROM pg_control_system() AS control
CROSS JOIN pg_catalog.pg_database
LEFT JOIN dualwrite.identity ON true
WHERE pg_database.datname = current_database();

-- name: pair
INSERT INTO dualwrite.identity (
    book, book_id, environment, system_identifier, database_oid, timeline,
    peer_id, peer_system_identifier, peer_database_oid, paired_at, paired_by
)
VALUES (
    %(book)s::text,
    %(book_id)s::text::uuid,
    %(environment)s::text,
    %(system)s::text,
    %(database)s::bigint,
    %(timeline)s::integer,
    %(peer_id)s::text::uuid,
    %(peer_system)s::text,
    %(peer_database)s::bigint,
    clock_timestamp(),
    %(actor)s::text
)
ON CONFLICT (is_only) DO NOTHING;

-- name: follow_timeline
UPDATE dualwrite.identity SET timeline = %(timeline)s::integer;

-- name: maps
SELECT
    map,
    content_hash
FROM dualwrite.map
ORDER BY map;

-- name: newer_sets
-- Sets on their way in a form that this program does not know.
SELECT
    outbox.company,
    outbox.set_id,
    outbox.format
FROM dualwrite.outbox
JOIN dualwrite.pending ON pending.company = outbox.company AND pending.set_id = outbox.set_id
WHERE outbox.format > 1 AND outbox.format > %(known)s::integer
ORDER BY outbox.company, outbox.set_id
LIMIT 10;
