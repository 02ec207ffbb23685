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
    acknowledged.acknowledged_at,
    coalesce(pending.code, dismissed.code) AS code,
    coalesce(pending.problem, dismissed.reason) AS problem,
    coalesce(carried.row_count, 0) AS row_count,
    CASE
        WHEN pending.set_id IS NOT NULL THEN pending.state::text
        WHEN dismissed.set_id IS NOT NULL THEN 'dismissed'
        ELSE 'acknowledged'
    END AS state
FROM dualwrite.outbox
LEFT JOIN carried ON carried.set_id = outbox.set_id
LEFT JOIN dualwrite.pending
    ON pending.company = %(company)s::text AND pending.set_id = outbox.set_id
LEFT JOIN dualwrite.acknowledged
    ON acknowledged.company = %(company)s::text AND acknowledged.set_id = outbox.set_id
LEFT JOIN dualwrite.dismissed
    ON dismissed.company = %(company)s::text AND dismissed.set_id = outbox.set_id
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

-- name: lag
-- How late each map is, per company. On their way: how many sets, and the oldest of them. Of the
-- last sets that arrived: how long half of them and all but one in twenty took at most.
WITH RECURSIVE known (company) AS (
    SELECT min(acknowledged.company)
    FROM dualwrite.acknowledged
    UNION ALL
    -- From one company to the next by the index: the table is long, companies are few.
    SELECT (
        SELECT min(next.company)
        FROM dualwrite.acknowledged AS next
        WHERE next.company > known.company
    )
    FROM known
    WHERE known.company IS NOT NULL
),

arrived AS (
    SELECT
        latest.company,
        latest.set_id,
        latest.applied_at
    FROM known
    CROSS JOIN LATERAL (
        SELECT
            acknowledged.company,
            acknowledged.set_id,
            acknowledged.applied_at
        FROM dualwrite.acknowledged
        WHERE acknowledged.company = known.company
        ORDER BY acknowledged.chain_number DESC
        LIMIT %(sets_max)s::integer
    ) AS latest
),

took AS (
    SELECT
        arrived.company,
        manifest.map,
        count(*) AS arrived_count,
        sum(manifest.row_count) FILTER (WHERE arrived.applied_at > clock_timestamp() - interval '1 day') AS day_rows,
        percentile_disc(0.5) WITHIN GROUP (ORDER BY arrived.applied_at - outbox.created_at) AS p50,
        percentile_disc(0.95) WITHIN GROUP (ORDER BY arrived.applied_at - outbox.created_at) AS p95
    FROM arrived
    JOIN dualwrite.outbox ON outbox.company = arrived.company AND outbox.set_id = arrived.set_id
    JOIN dualwrite.manifest
        ON manifest.company = arrived.company AND manifest.set_id = arrived.set_id AND manifest.row_count > 0
    GROUP BY arrived.company, manifest.map
),

waiting AS (
    SELECT
        pending.company,
        carried.map,
        count(*) AS pending_count,
        count(*) FILTER (WHERE pending.code IS NOT NULL) AS failing_count,
        min(pending.since) AS oldest
    FROM dualwrite.pending
    CROSS JOIN LATERAL unnest(pending.maps) AS carried (map)
    GROUP BY pending.company, carried.map
)

SELECT
    waiting.oldest,
    took.p50,
    took.p95,
    coalesce(waiting.company, took.company) AS company,
    coalesce(waiting.map, took.map) AS map,
    coalesce(waiting.pending_count, 0) AS pending_count,
    coalesce(waiting.failing_count, 0) AS failing_count,
    coalesce(took.day_rows, 0)::bigint AS day_rows,
    coalesce(took.arrived_count, 0) AS arrived_count,
    clock_timestamp() - waiting.oldest AS age
FROM waiting
FULL JOIN took ON took.company = waiting.company AND took.map = waiting.map
WHERE %(company)s::text IS NULL OR coalesce(waiting.company, took.company) = %(company)s::text
ORDER BY coalesce(waiting.company, took.company), coalesce(waiting.map, took.map);

-- name: held
-- The queue by what holds it up; a set is counted under the first reason that is true of it.
WITH resting AS (
    SELECT
        map.map,
        NULL::text AS company,
        map.state::text AS state
    FROM dualwrite.map
    WHERE map.state IN ('paused', 'halted')
    UNION ALL
    SELECT
        map_company.map,
        map_company.company,
        map_company.state::text
    FROM dualwrite.map_company
    WHERE map_company.state IN ('paused', 'halted')
),

reasoned AS (
    SELECT
        pending.company,
        pending.since,
        pending.code,
        CASE
            WHEN pending.state <> 'waiting' THEN pending.state::text
            WHEN pending.leased_until > clock_timestamp() THEN 'in hand'
            WHEN EXISTS (
                SELECT
                FROM resting
                WHERE
                    resting.map = any(pending.maps)
                    AND (resting.company IS NULL OR resting.company = pending.company)
            ) THEN 'a map rests'
            WHEN EXISTS (
                SELECT
                FROM dualwrite.pending AS earlier
                WHERE
                    earlier.company = pending.company
                    AND earlier.stream = pending.stream
                    AND earlier.version < pending.version
            ) THEN 'behind an earlier set'
            WHEN pending.next_attempt_at > clock_timestamp() THEN 'pauses after a failure'
            ELSE 'due'
        END AS reason
    FROM dualwrite.pending
    WHERE %(company)s::text IS NULL OR pending.company = %(company)s::text
)

SELECT
    company,
    reason,
    code,
    count(*) AS set_count,
    min(since) AS oldest
FROM reasoned
GROUP BY company, reason, code
ORDER BY company, reason, code;

-- name: flow
-- The last day, hour by hour: sets of this book that arrived in the other one, among the last so
-- many, and failed attempts.
WITH RECURSIVE known (company) AS (
    SELECT min(acknowledged.company)
    FROM dualwrite.acknowledged
    UNION ALL
    SELECT (
        SELECT min(next.company)
        FROM dualwrite.acknowledged AS next
        WHERE next.company > known.company
    )
    FROM known
    WHERE known.company IS NOT NULL
),

hours AS (
    SELECT hour.hour
    FROM
        generate_series(
            date_trunc('hour', clock_timestamp()) - interval '23 hours',
            date_trunc('hour', clock_timestamp()),
            interval '1 hour'
        ) AS hour (hour)
),

arrived AS (
    SELECT
        date_trunc('hour', latest.applied_at) AS hour,
        count(*) AS set_count
    FROM known
    CROSS JOIN
        LATERAL (
            SELECT acknowledged.applied_at
            FROM dualwrite.acknowledged
            WHERE acknowledged.company = known.company
            ORDER BY acknowledged.chain_number DESC
            LIMIT %(sets_max)s::integer
        ) AS latest
    WHERE %(company)s::text IS NULL OR known.company = %(company)s::text
    GROUP BY date_trunc('hour', latest.applied_at)
),

failed AS (
    SELECT
        date_trunc('hour', event.happened_at) AS hour,
        count(*) AS error_count
    FROM dualwrite.event
    WHERE
        event.code IS NOT NULL
        AND event.happened_at > clock_timestamp() - interval '1 day'
        AND (%(company)s::text IS NULL OR event.company = %(company)s::text)
    GROUP BY date_trunc('hour', event.happened_at)
)

SELECT
    hours.hour,
    coalesce(arrived.set_count, 0) AS set_count,
    coalesce(failed.error_count, 0) AS error_count
FROM hours
LEFT JOIN arrived ON arrived.hour = hours.hour
LEFT JOIN failed ON failed.hour = hours.hour
ORDER BY hours.hour;
