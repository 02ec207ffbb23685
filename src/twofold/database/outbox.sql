-- name: take_set_key
SELECT nextval('dualwrite.set_key') AS set_id;
