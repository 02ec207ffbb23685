-- name: known_file
-- The same file, posted before.
SELECT number
FROM finance.cost_document
WHERE
    company = %(company)s::text
    AND kind = 'general_journal'
    AND content_hash = %(content_hash)s::text
ORDER BY number
LIMIT 1;

-- name: show_number
SELECT finance.document_number(%(prefix)s::text, %(digits)s::integer, %(first_number)s::bigint) AS number;
