-- name: list_sequences
WITH given AS (
    SELECT DISTINCT
        given_number.reference,
        sequence.digits,
        sequence.is_continuous,
        sequence.next_number,
        sequence.prefix AS current_prefix,
        given_number.number AS shown,
        CASE
            WHEN starts_with(given_number.number, sequence.prefix) THEN sequence.prefix
            ELSE substring(given_number.number FROM '^(.*?)[0-9]*$')
        END AS prefix
    FROM finance.given_number
    JOIN finance.number_sequence AS sequence
        ON sequence.company = %(company)s::text AND sequence.reference = given_number.reference
    WHERE given_number.company = %(company)s::text
),

numbered AS (
    SELECT
        reference,
        digits,
        is_continuous,
        next_number,
        current_prefix,
        prefix,
        substr(shown, length(prefix) + 1)::bigint AS number
    FROM given
    WHERE substr(shown, length(prefix) + 1) ~ '^[0-9]{1,18}$'
),

followed AS (
    SELECT
        *,
        -- After the last number of the series in use comes the next one.
        coalesce(
            lead(number) OVER (PARTITION BY reference, prefix ORDER BY number),
            CASE WHEN prefix = current_prefix THEN next_number END,
            number + 1
        ) AS following_number
    FROM numbered
)
,
series AS (
    SELECT
        reference,
        count(*) AS given_count,
        sum(following_number - number - 1)::bigint AS missing_count
    FROM followed
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
WITH given AS (
    SELECT DISTINCT
        given_number.reference,
        sequence.digits,
        sequence.is_continuous,
        sequence.next_number,
        sequence.prefix AS current_prefix,
        given_number.number AS shown,
        CASE
            WHEN starts_with(given_number.number, sequence.prefix) THEN sequence.prefix
            ELSE substring(given_number.number FROM '^(.*?)[0-9]*$')
        END AS prefix
    FROM finance.given_number
    JOIN finance.number_sequence AS sequence
        ON sequence.company = %(company)s::text AND sequence.reference = given_number.reference
    WHERE given_number.company = %(company)s::text
),

numbered AS (
    SELECT
        reference,
        digits,
        is_continuous,
        next_number,
        current_prefix,
        prefix,
        substr(shown, length(prefix) + 1)::bigint AS number
    FROM given
    WHERE substr(shown, length(prefix) + 1) ~ '^[0-9]{1,18}$'
),

followed AS (
    SELECT
        *,
        -- After the last number of the series in use comes the next one.
        coalesce(
            lead(number) OVER (PARTITION BY reference, prefix ORDER BY number),
            CASE WHEN prefix = current_prefix THEN next_number END,
            number + 1
        ) AS following_number
    FROM numbered
)

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
FROM followed
WHERE following_number > number + 1
ORDER BY followed.reference, prefix, number;
