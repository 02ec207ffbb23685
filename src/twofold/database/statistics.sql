-- name: refresh
SELECT dualwrite.refresh_statistics(%(table)s::text::regclass);
