-- name: chain_heads
SELECT
    company,
    chain_number,
    hash,
    (
        SELECT sum(entry_count)::bigint FROM finance.posting
        WHERE posting.company = head.company
    ) AS entry_count
FROM finance.posting_head AS head
ORDER BY company;

-- name: noted_link
SELECT
    exists(
        SELECT 1 FROM finance.posting
        WHERE
            company = %(company)s::text
            AND chain_number = %(chain_number)s::bigint
            AND hash = %(hash)s::text
    ) AS is_there;
