-- name: session
-- How this very session reaches the server, and what it may not outlast.
SELECT
    coalesce(pg_stat_ssl.ssl, false) AS is_tls,
    coalesce(pg_stat_ssl.version, '') AS tls_version,
    inet_client_addr() IS NOT NULL AND NOT (inet_client_addr() << '127.0.0.0/8' OR inet_client_addr() = '::1')
        AS is_remote,
    current_setting('statement_timeout') AS statement_timeout,
    current_setting('lock_timeout') AS lock_timeout,
    current_setting('idle_in_transaction_session_timeout') AS idle_timeout
FROM (SELECT pg_backend_pid() AS pid) AS own
LEFT JOIN pg_catalog.pg_stat_ssl ON pg_stat_ssl.pid = own.pid;

-- name: as_login
-- Until the transaction ends, be the login and not the role it took.
SELECT set_config('role', 'none', true) AS role;

-- name: horizon
-- The oldest transaction of this database: younger sets wait behind it, and nothing is cleaned up.
SELECT
    pid,
    coalesce(usename::text, '') AS login,
    coalesce(state, 'unknown') AS state,
    coalesce(left(query, 60), '') AS query,
    extract(EPOCH FROM clock_timestamp() - xact_start)::double precision AS seconds
FROM pg_catalog.pg_stat_activity
WHERE datname = current_database() AND xact_start IS NOT NULL AND pid <> pg_backend_pid()
ORDER BY xact_start
LIMIT 1;

-- name: prepared
-- Prepared transactions of others hold locks and the horizon, and survive a restart.
SELECT count(*) AS prepared
FROM pg_catalog.pg_prepared_xacts
WHERE database = current_database();

-- name: oldest_set
SELECT
    pending.company,
    pending.set_id,
    pending.state::text AS state,
    extract(EPOCH FROM clock_timestamp() - pending.since)::double precision AS seconds
FROM dualwrite.pending
WHERE pending.company IS NOT NULL
ORDER BY pending.since
LIMIT 1;
