-- name: draw_numbers
-- The row lock is held to the end of the transaction, so that numbers that are rolled back
-- are given again: a series has no gap.
UPDATE finance.number_sequence
SET next_number = next_number + %(count)s::bigint
WHERE company = %(company)s::text AND reference = %(reference)s::finance.sequence_reference
RETURNING
    prefix,
    digits,
    next_number - %(count)s::bigint AS first_number;

-- name: take_keys
SELECT finance.take_keys(%(sequence)s::text::regclass, %(count)s::bigint) AS first_key;
