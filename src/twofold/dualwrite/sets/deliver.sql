-- name: end_sessions
-- Sessions of our own role in this book, in the middle of a transaction, by their name.
SELECT pg_terminate_backend(pid)
FROM pg_stat_activity
WHERE
    datname = current_database()
    AND application_name = any(%(applications)s::text[])
    AND state <> 'idle'
    AND pid <> pg_backend_pid();
