-- name: pending_sets
SELECT
    pending.company,
    pending.set_id,
    outbox.kind,
    pending.stream,
    pending.version,
    pending.state::text AS state,
    pending.attempts,
    pending.next_attempt_at,
    pending.code,
    pending.problem,
    outbox.actor,
    outbox.created_at
FROM dualwrite.pending
JOIN dualwrite.outbox ON outbox.company = pending.company AND outbox.set_id = pending.set_id
WHERE %(company)s::text IS NULL OR pending.company = %(company)s::text
ORDER BY pending.company, pending.set_id;

-- name: sent_sets
WITH carried AS (
    SELECT
        set_id,
        sum(row_count)::bigint AS row_count
    FROM dualwrite.manifest
    WHERE company = %(company)s::text AND set_id = any(%(set_ids)s::bigint[])
    GROUP BY set_id
)

SELECT
    outbox.set_id,
    outbox.kind,
    outbox.stream,
    outbox.actor,
    outbox.created_at,
    pending.code,
    pending.problem,
    acknowledged.acknowledged_at,
    coalesce(carried.row_count, 0) AS row_count,
    coalesce(pending.state::text, 'acknowledged') AS state
FROM dualwrite.outbox
LEFT JOIN carried ON carried.set_id = outbox.set_id
LEFT JOIN dualwrite.pending
    ON pending.company = %(company)s::text AND pending.set_id = outbox.set_id
LEFT JOIN dualwrite.acknowledged
    ON acknowledged.company = %(company)s::text AND acknowledged.set_id = outbox.set_id
WHERE outbox.company = %(company)s::text AND outbox.set_id = any(%(set_ids)s::bigint[])
ORDER BY outbox.set_id;

-- name: received_sets
SELECT
    set_id,
    row_count,
    applied_at
FROM dualwrite.inbox
WHERE
    company = %(company)s::text
    AND source = %(source)s::text
    AND set_id = any(%(set_ids)s::bigint[])
ORDER BY set_id;
