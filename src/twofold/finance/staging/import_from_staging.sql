-- name: lock_company
-- One import per company at a time; a second one is told so instead of waiting. Held until
-- the transaction closes.
SELECT pg_try_advisory_xact_lock(hashtextextended('finance.import/' || %(company)s::text, 0)) AS is_taken;

-- name: find_parameters
SELECT parameter.company
FROM finance.parameter
WHERE parameter.company = %(company)s::text;
