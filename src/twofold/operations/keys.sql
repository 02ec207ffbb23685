-- name: take_keys
SELECT operations.take_keys(%(sequence)s::text::regclass, %(how_many)s::bigint) AS first_key;
