-- name: lease
-- Take the next sets of one company and kind: waiting, due, not leased, and first in their
-- stream. SKIP LOCKED lets several engines work side by side on different sets.
WITH due AS (
    SELECT
        pending.company,
        pending.set_id,
        outbox.kind
    FROM dualwrite.pending
    JOIN dualwrite.outbox ON outbox.company = pending.company AND outbox.set_id = pending.set_id
    WHERE
        pending.state = 'waiting'
        AND (%(company)s::text IS NULL OR pending.company = %(company)s::text)
        AND (%(set_ids)s::bigint[] IS NULL OR pending.set_id = any(%(set_ids)s::bigint[]))
        AND (pending.leased_until IS NULL OR pending.leased_until < %(now)s::timestamptz)
        AND (pending.next_attempt_at IS NULL OR pending.next_attempt_at <= %(now)s::timestamptz)
        AND NOT EXISTS (
            SELECT
            FROM dualwrite.pending AS earlier
            WHERE
                earlier.company = pending.company
                AND earlier.stream = pending.stream
                AND earlier.version < pending.version
        )
),

head AS (
    SELECT
        company,
        kind
    FROM due
    ORDER BY set_id
    LIMIT 1
),

chosen AS (
    SELECT
        pending.company,
        pending.set_id
    FROM dualwrite.pending
    JOIN due ON due.company = pending.company AND due.set_id = pending.set_id
    JOIN head ON head.company = due.company AND head.kind = due.kind
    WHERE pending.leased_until IS NULL OR pending.leased_until < %(now)s::timestamptz
    ORDER BY pending.set_id
    LIMIT %(batch_max)s::integer
    FOR UPDATE OF pending SKIP LOCKED
)

UPDATE dualwrite.pending
SET
    leased_until = %(now)s::timestamptz + %(lease_seconds)s::integer * interval '1 second',
    lease_token = pending.lease_token + 1,
    attempts = pending.attempts + 1
FROM chosen
WHERE pending.company = chosen.company AND pending.set_id = chosen.set_id
RETURNING pending.company, pending.set_id, pending.lease_token AS token;

-- name: read_sets
SELECT
    set_id,
    kind,
    stream,
    version,
    key_first,
    key_last,
    actor,
    created_at
FROM dualwrite.outbox
WHERE company = %(company)s::text AND set_id = any(%(set_ids)s::bigint[])
ORDER BY set_id;

-- name: read_manifests
SELECT
    set_id,
    map,
    map_hash,
    row_count,
    excluded_count,
    content_hash::text AS content_hash,
    totals::text AS totals
FROM dualwrite.manifest
WHERE company = %(company)s::text AND set_id = any(%(set_ids)s::bigint[])
ORDER BY set_id, map;

-- name: receive
-- The inbox rows come first: whoever delivers the same set at the same time waits here and
-- then finds it applied. Gives every set with the content hash the inbox holds.
WITH given AS (
    SELECT
        set_id,
        kind,
        stream,
        version,
        key_first,
        key_last,
        content_hash,
        row_count,
        actor,
        created_at
    FROM unnest(
        %(set_ids)s::bigint[],
        %(kinds)s::text[],
        %(streams)s::text[],
        %(versions)s::bigint[],
        %(key_firsts)s::bigint[],
        %(key_lasts)s::bigint[],
        %(content_hashes)s::text[],
        %(row_counts)s::bigint[],
        %(actors)s::text[],
        %(created)s::timestamptz[]
    ) AS one (
        set_id, kind, stream, version, key_first, key_last, content_hash, row_count, actor, created_at
    )
),

added AS (
    INSERT INTO dualwrite.inbox (
        company, source, set_id, kind, stream, version, key_first, key_last,
        content_hash, row_count, actor, created_at, applied_at
    )
    SELECT
        %(company)s::text,
        %(source)s::text,
        set_id,
        kind,
        stream,
        version,
        key_first,
        key_last,
        content_hash,
        row_count,
        actor,
        created_at,
        %(now)s::timestamptz
    FROM given
    ORDER BY set_id
    ON CONFLICT (company, source, set_id) DO NOTHING
    RETURNING set_id, content_hash
)

SELECT
    set_id,
    content_hash,
    true AS is_new
FROM added
UNION ALL
-- Rows as they stood before this statement: those that were there already.
SELECT
    inbox.set_id,
    inbox.content_hash,
    false AS is_new
FROM dualwrite.inbox
JOIN given ON given.set_id = inbox.set_id
WHERE inbox.company = %(company)s::text AND inbox.source = %(source)s::text;

-- name: acknowledge
WITH done AS (
    DELETE FROM dualwrite.pending
    WHERE company = %(company)s::text AND set_id = any(%(set_ids)s::bigint[])
    RETURNING company, set_id
)

INSERT INTO dualwrite.acknowledged (company, set_id, applied_at, acknowledged_at, chain_number, chain_hash)
SELECT
    company,
    set_id,
    %(now)s::timestamptz,
    %(now)s::timestamptz,
    0,
    ''
FROM done
ON CONFLICT (company, set_id) DO NOTHING;

-- name: put_back
-- Only whoever holds the lease may say what became of the set.
UPDATE dualwrite.pending
SET
    state = %(state)s::text::dualwrite.pending_state,
    leased_until = NULL,
    next_attempt_at = CASE WHEN %(state)s::text = 'waiting' THEN %(next_attempt_at)s::timestamptz END,
    code = %(code)s::text,
    problem = %(problem)s::text
WHERE
    company = %(company)s::text
    AND set_id = %(set_id)s::bigint
    AND lease_token = %(token)s::bigint;

-- name: wake_parked
-- Something arrived: what waits for a missing record of this company may go on now.
UPDATE dualwrite.pending
SET state = 'waiting'
WHERE company = %(company)s::text AND state = 'parked';
