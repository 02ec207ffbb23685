-- name: list_sequences
WITH series AS (
    SELECT
        reference,
        count(*) AS given_count,
        sum(following_number - number - 1)::bigint AS missing_count
    FROM finance.followed_number
    WHERE company = %(company)s::text
    GROUP BY reference
)

SELECT
    sequence.prefix,
    sequence.highest_number,
    sequence.is_continuous,
    sequence.is_blocked,
    sequence.reference::text AS reference,
    finance.document_number(sequence.prefix, sequence.digits, sequence.next_number) AS next_number,
    sequence.highest_number - sequence.next_number + 1 AS left_count,
    coalesce(series.given_count, 0) AS given_count,
    coalesce(series.missing_count, 0) AS missing_count
FROM finance.number_sequence AS sequence
LEFT JOIN series ON series.reference = sequence.reference
WHERE sequence.company = %(company)s::text
ORDER BY sequence.reference;

-- name: list_gaps
SELECT
    is_continuous,
    reference::text AS reference,
    finance.document_number(prefix, digits, number + 1) AS first_number,
    finance.document_number(prefix, digits, following_number - 1) AS last_number,
    following_number - number - 1 AS missing_count,
    CASE
        WHEN is_continuous THEN 'May not be: their documents were removed from the book, or the next number was raised.'
        ELSE 'May be, the sequence is not continuous: documents were deleted, or the next number was raised.'
    END AS reason
FROM finance.followed_number AS followed
WHERE company = %(company)s::text AND following_number > number + 1
ORDER BY followed.reference, prefix, number;
