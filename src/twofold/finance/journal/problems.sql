-- name: count_problems
SELECT
    code,
    count(*) AS line_count
FROM finance.journal_line
WHERE
    company = %(company)s::text
    AND journal_id = %(journal_id)s::bigint
    AND code IS NOT NULL
GROUP BY code
ORDER BY line_count DESC, code ASC;
