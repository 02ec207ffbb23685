-- name: lock_import
-- One at a time in a company; a second one is told so instead of waiting. Held until the
-- transaction closes.
SELECT pg_try_advisory_xact_lock(hashtextextended('finance.import/' || %(company)s::text, 0)) AS is_taken;

-- name: await_import
-- Whoever changes what an import reads waits for it, and keeps the next one out.
SELECT pg_advisory_xact_lock(hashtextextended('finance.import/' || %(company)s::text, 0));
