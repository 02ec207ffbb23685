-- name: companies
-- Companies with a set that is due, found by stepping from one to the next through the index:
-- what a company has pending does not make the step longer.
WITH RECURSIVE known AS (
    (
        SELECT company
        FROM dualwrite.pending
        WHERE state = 'waiting' AND held_by IS NULL
        ORDER BY company
        LIMIT 1
    )
    UNION ALL
    SELECT following.company
    FROM known
    CROSS JOIN LATERAL (
        SELECT pending.company
        FROM dualwrite.pending
        WHERE pending.state = 'waiting' AND pending.held_by IS NULL AND pending.company > known.company
        ORDER BY pending.company
        LIMIT 1
    ) AS following
)

SELECT known.company
FROM known
WHERE
    EXISTS (
        SELECT
        FROM dualwrite.pending
        WHERE
            pending.company = known.company
            AND pending.state = 'waiting'
            AND pending.held_by IS NULL
            AND coalesce(greatest(pending.next_attempt_at, pending.leased_until), '-infinity'::timestamptz) <= now()
    )
ORDER BY known.company <= %(after)s::text, known.company;

-- name: due
-- The next sets of a company, longest due first. SKIP LOCKED lets engines work side by side.
SELECT set_id
FROM dualwrite.pending
WHERE
    company = %(company)s::text
    AND state = 'waiting'
    AND held_by IS NULL
    AND coalesce(greatest(next_attempt_at, leased_until), '-infinity'::timestamptz) <= now()
    AND (%(rows_max)s::bigint IS NULL OR row_count <= %(rows_max)s::bigint)
ORDER BY company, coalesce(greatest(next_attempt_at, leased_until), '-infinity'::timestamptz), set_id
LIMIT %(sets_max)s::integer
FOR UPDATE SKIP LOCKED;

-- name: these
-- Just these sets, if they are due; marks of earlier leases do not count.
SELECT set_id
FROM dualwrite.pending
WHERE
    company = %(company)s::text
    AND set_id = any(%(set_ids)s::bigint[])
    AND state = 'waiting'
    AND coalesce(greatest(next_attempt_at, leased_until), '-infinity'::timestamptz) <= now()
ORDER BY set_id
FOR UPDATE SKIP LOCKED;

-- name: judge
-- Which of the sets, all locked by now, may be leased: those without a resting map that are the
-- head of their stream or follow it without a gap, up to so many rows. State is written by the
-- head only, so that no row is written twice by one statement.
WITH resting AS (
    SELECT map
    FROM dualwrite.map
    WHERE state IN ('paused', 'halted')
    UNION
    SELECT map
    FROM dualwrite.map_company
    WHERE company = %(company)s::text AND state IN ('paused', 'halted')
),

candidate AS (
    SELECT
        pending.set_id,
        pending.stream,
        pending.version,
        pending.row_count,
        pending.maps <@ %(fact_maps)s::text[] AS is_facts,
        pending.maps && coalesce((SELECT array_agg(map) FROM resting), '{}') AS rests
    FROM dualwrite.pending
    WHERE pending.company = %(company)s::text AND pending.set_id = any(%(set_ids)s::bigint[])
),

linked AS (
    SELECT
        candidate.set_id,
        candidate.stream,
        candidate.version,
        candidate.row_count,
        candidate.is_facts,
        lag(candidate.version) OVER same_stream AS version_here,
        (
            SELECT max(earlier.version)
            FROM dualwrite.pending AS earlier
            WHERE
                earlier.company = %(company)s::text
                AND earlier.stream = candidate.stream
                AND earlier.version < candidate.version
        ) AS version_before
    FROM candidate
    WHERE NOT candidate.rests
    WINDOW same_stream AS (PARTITION BY candidate.stream ORDER BY candidate.version)
),

in_line AS (
    SELECT
        set_id,
        stream,
        version,
        row_count,
        bool_and(
            version_here IS NOT DISTINCT FROM version_before AND (version_here IS NULL OR is_facts)
        ) OVER (PARTITION BY stream ORDER BY version) AS is_in_line,
        min(set_id) OVER (PARTITION BY stream) AS first_set_id
    FROM linked
),

counted AS (
    SELECT
        set_id,
        is_in_line,
        sum(row_count) OVER (PARTITION BY is_in_line ORDER BY first_set_id, stream, version) - row_count AS rows_before,
        row_number() OVER (PARTITION BY is_in_line ORDER BY first_set_id, stream, version) AS place
    FROM in_line
)

SELECT
    set_id,
    'map' AS verdict
FROM candidate
WHERE rests
UNION ALL
SELECT
    set_id,
    CASE
        WHEN NOT is_in_line THEN 'stream'
        WHEN place = 1 OR rows_before < %(rows_max)s::bigint THEN 'take'
        ELSE 'later'
    END AS verdict
FROM counted;

-- name: mark_held_by_map
UPDATE dualwrite.pending
SET held_by = 'map'
WHERE company = %(company)s::text AND set_id = any(%(set_ids)s::bigint[]);

-- name: mark_held_by_stream
-- The set right before is locked, so that it cannot be done meanwhile: whoever finishes it finds
-- the mark and takes it back. Where that set is being finished right now, no mark is made. What
-- follows in the stream waits with it, and is marked along, as much as one statement should.
WITH behind AS (
    SELECT
        pending.stream,
        pending.version,
        (
            SELECT earlier.set_id
            FROM dualwrite.pending AS earlier
            WHERE
                earlier.company = pending.company
                AND earlier.stream = pending.stream
                AND earlier.version < pending.version
            ORDER BY earlier.version DESC
            LIMIT 1
        ) AS earlier_id
    FROM dualwrite.pending
    WHERE pending.company = %(company)s::text AND pending.set_id = any(%(set_ids)s::bigint[])
),

locked AS MATERIALIZED (
    SELECT pending.set_id
    FROM dualwrite.pending
    WHERE
        pending.company = %(company)s::text
        AND pending.set_id IN (SELECT behind.earlier_id FROM behind)
    FOR SHARE SKIP LOCKED
),

held_from AS (
    SELECT
        behind.stream,
        min(behind.version) AS version
    FROM behind
    JOIN locked ON locked.set_id = behind.earlier_id
    GROUP BY behind.stream
),

held AS MATERIALIZED (
    SELECT pending.set_id
    FROM held_from
    JOIN dualwrite.pending
        ON
            pending.company = %(company)s::text
            AND pending.stream = held_from.stream
            AND pending.version >= held_from.version
    WHERE pending.state = 'waiting' AND pending.held_by IS NULL
    ORDER BY pending.stream, pending.version
    LIMIT 10000
    FOR UPDATE OF pending SKIP LOCKED
)

UPDATE dualwrite.pending
SET held_by = 'stream'
FROM held
WHERE pending.company = %(company)s::text AND pending.set_id = held.set_id;

-- name: take
-- A lease of another engine that ran out is named, so that its session can be ended.
WITH taken AS (
    SELECT
        company,
        set_id,
        leased_by
    FROM dualwrite.pending
    WHERE company = %(company)s::text AND set_id = any(%(set_ids)s::bigint[])
),

leased AS (
    UPDATE dualwrite.pending
    SET
        leased_until = clock_timestamp() + %(lease_seconds)s::double precision * interval '1 second',
        leased_by = %(leased_by)s::text,
        held_by = NULL,
        lease_token = pending.lease_token + 1,
        attempts = pending.attempts + 1
    FROM taken
    WHERE pending.company = taken.company AND pending.set_id = taken.set_id
    RETURNING
        pending.company,
        pending.set_id,
        pending.stream,
        pending.version,
        pending.lease_token AS token,
        pending.attempts,
        taken.leased_by AS lapsed_from
)

SELECT
    company,
    set_id,
    stream,
    version,
    token,
    attempts,
    lapsed_from
FROM leased
ORDER BY min(set_id) OVER (PARTITION BY stream), stream, version;

-- name: renew
UPDATE dualwrite.pending
SET leased_until = clock_timestamp() + %(lease_seconds)s::double precision * interval '1 second'
FROM unnest(%(set_ids)s::bigint[], %(tokens)s::bigint[]) AS held (set_id, token)
WHERE
    pending.company = %(company)s::text
    AND pending.set_id = held.set_id
    AND pending.lease_token = held.token
    AND pending.leased_until > clock_timestamp();

-- name: give_back
UPDATE dualwrite.pending
SET
    leased_until = NULL,
    leased_by = NULL,
    attempts = pending.attempts - 1
FROM unnest(%(set_ids)s::bigint[], %(tokens)s::bigint[]) AS held (set_id, token)
WHERE
    pending.company = %(company)s::text
    AND pending.set_id = held.set_id
    AND pending.lease_token = held.token;

-- name: put_back
-- Only whoever holds the lease may say what became of the set. The pause before the next attempt
-- doubles with each, up to five minutes, and is never quite the same for two sets.
UPDATE dualwrite.pending
SET
    state = %(state)s::text::dualwrite.pending_state,
    leased_until = NULL,
    leased_by = NULL,
    next_attempt_at = CASE
        WHEN %(state)s::text = 'waiting'
            THEN
                clock_timestamp()
                + least(300, power(2, least(attempts, 10) - 1)) * (0.5 + random()) * interval '1 second'
    END,
    code = %(code)s::text,
    problem = %(problem)s::text
WHERE
    company = %(company)s::text
    AND set_id = %(set_id)s::bigint
    AND lease_token = %(token)s::bigint;

-- name: forget_awaited
DELETE FROM dualwrite.waits_for
WHERE company = %(company)s::text AND set_id = %(set_id)s::bigint;

-- name: await
INSERT INTO dualwrite.waits_for (company, set_id, map, column_name, value, lookup)
SELECT
    %(company)s::text,
    %(set_id)s::bigint,
    awaited.map,
    awaited.column,
    awaited.value,
    awaited.lookup
FROM jsonb_to_recordset(%(awaited)s::text::jsonb)
    AS awaited (map text, "column" text, value text, lookup text);
