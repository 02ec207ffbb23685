-- name: acknowledge
-- Only who holds the lease acknowledges; what the set waited for is forgotten with it.
WITH given AS (
    SELECT
        set_id,
        token,
        applied_at,
        chain_number,
        chain_hash
    FROM unnest(
        %(set_ids)s::bigint[],
        %(tokens)s::bigint[],
        %(applied)s::timestamptz[],
        %(chain_numbers)s::bigint[],
        %(chain_hashes)s::text[]
    ) AS one (set_id, token, applied_at, chain_number, chain_hash)
),

done AS (
    DELETE FROM dualwrite.pending
    USING given
    WHERE
        pending.company = %(company)s::text
        AND pending.set_id = given.set_id
        AND pending.lease_token = given.token
    RETURNING pending.company, pending.set_id
),

forgotten AS (
    DELETE FROM dualwrite.waits_for
    USING done
    WHERE waits_for.company = done.company AND waits_for.set_id = done.set_id
)

INSERT INTO dualwrite.acknowledged (
    company, set_id, applied_at, acknowledged_at, chain_number, chain_hash
)
SELECT
    done.company,
    done.set_id,
    given.applied_at,
    clock_timestamp(),
    given.chain_number,
    given.chain_hash
FROM done
JOIN given ON given.set_id = done.set_id
ON CONFLICT (company, set_id) DO NOTHING;

-- name: free_next
-- As many as a batch takes: the others are freed by those.
WITH given AS (
    SELECT stream
    FROM unnest(%(streams)s::text[]) AS one (stream)
),

next_ones AS (
    SELECT following.set_id
    FROM given
    CROSS JOIN LATERAL (
        SELECT held.set_id
        FROM dualwrite.pending AS held
        WHERE
            held.company = %(company)s::text
            AND held.stream = given.stream
            AND held.held_by = 'stream'
        ORDER BY held.version
        LIMIT %(sets_max)s::integer
    ) AS following
)

UPDATE dualwrite.pending
SET held_by = NULL
FROM next_ones
WHERE pending.company = %(company)s::text AND pending.set_id = next_ones.set_id;
