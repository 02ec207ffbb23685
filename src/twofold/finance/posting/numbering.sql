-- name: draw_numbers
-- The row lock is held to the end of the transaction, so that numbers that are rolled back
-- are given again: a series has no gap.
UPDATE finance.number_sequence
SET next_number = next_number + %(count)s::bigint
WHERE
    company = %(company)s::text
    AND reference = %(reference)s::finance.sequence_reference
    AND (
        %(count)s::bigint = 0
        OR (NOT is_blocked AND next_number + %(count)s::bigint - 1 <= coalesce(highest_number, 9223372036854775807))
    )
RETURNING
    prefix,
    digits,
    next_number - %(count)s::bigint AS first_number;

-- name: find_sequence
-- What the sequence says when it gave no number.
SELECT
    is_blocked,
    next_number,
    coalesce(highest_number, 0) AS highest_number
FROM finance.number_sequence
WHERE company = %(company)s::text AND reference = %(reference)s::finance.sequence_reference;

-- name: take_keys
SELECT finance.take_keys(%(sequence)s::text::regclass, %(count)s::bigint) AS first_key;
