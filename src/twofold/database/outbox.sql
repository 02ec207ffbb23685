-- name: take_set_key
SELECT nextval('dualwrite.set_key') AS set_id;

-- name: take_set_keys
SELECT nextval('dualwrite.set_key') AS set_id
FROM generate_series(1, %(count)s::integer);
