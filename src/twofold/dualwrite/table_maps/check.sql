-- name: drop_probe
DROP VIEW pg_temp.probe;
