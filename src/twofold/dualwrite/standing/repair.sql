-- name: repaired
-- Rows that a repair of this reconciliation wrote already.
SELECT
    row_key,
    action,
    reason,
    repaired_at,
    repaired_by
FROM dualwrite.repair
WHERE company = %(company)s::text AND map = %(map)s::text AND run = %(run)s::text
ORDER BY row_key;

-- name: record
INSERT INTO dualwrite.repair (run, company, map, row_key, action, reason, repaired_by)
SELECT
    %(run)s::text,
    %(company)s::text,
    %(map)s::text,
    one.row_key,
    one.action,
    %(reason)s::text,
    %(actor)s::text
FROM unnest(%(row_keys)s::text[], %(actions)s::text[]) AS one (row_key, action);
