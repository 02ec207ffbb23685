-- name: write_reason
INSERT INTO operations.entry_rejection (company, entry_id, reason, actor, at)
SELECT
    %(company)s::text,
    rejected.entry_id,
    %(reason)s::text,
    %(actor)s::text,
    %(at)s::timestamptz
FROM unnest(%(entry_ids)s::bigint[]) AS rejected (entry_id);
