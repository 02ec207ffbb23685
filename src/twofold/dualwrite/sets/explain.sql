-- name: chosen
-- Sets on their way that a query names, oldest first. What a waiting set waits for is not written
-- with it: a map that rests, an earlier set of its stream, or whoever has it in hand.
WITH asked AS (
    SELECT
        chosen.company,
        chosen.set_id,
        chosen.stream,
        chosen.version,
        chosen.state::text AS state,
        chosen.attempts,
        chosen.next_attempt_at,
        chosen.leased_until,
        chosen.leased_by,
        chosen.since,
        chosen.maps,
        chosen.code,
        chosen.problem,
        count(*) OVER () AS found
    FROM
        dualwrite.chosen_sets(
            %(company)s::text,
            %(set_ids)s::bigint[],
            %(states)s::text[],
            %(codes)s::text[],
            %(maps)s::text[],
            %(streams)s::text[],
            %(older_than)s::interval
        ) AS chosen
    ORDER BY chosen.since, chosen.company, chosen.set_id
    LIMIT %(rows_max)s::integer
)

SELECT
    asked.company,
    asked.set_id,
    outbox.kind,
    asked.stream,
    asked.version,
    asked.state,
    asked.attempts,
    asked.next_attempt_at,
    asked.since,
    asked.maps,
    outbox.actor,
    asked.found,
    CASE
        WHEN asked.state <> 'waiting' THEN asked.code
        WHEN resting.map IS NOT NULL THEN 'ERR-D01'
        ELSE coalesce(earlier.code, asked.code)
    END AS code,
    CASE
        WHEN asked.state <> 'waiting' THEN asked.problem
        WHEN resting.map IS NOT NULL
            THEN 'the map ' || resting.map || ' is ' || resting.state || coalesce(': ' || resting.cause, '')
        WHEN earlier.set_id IS NOT NULL
            THEN 'set ' || earlier.set_id || ' of the same stream is ' || earlier.state
        WHEN asked.problem IS NOT NULL THEN asked.problem
        WHEN asked.leased_until > clock_timestamp() THEN asked.leased_by || ' delivers it now'
    END AS problem,
    CASE
        WHEN asked.state <> 'waiting' THEN NULL
        WHEN resting.map IS NOT NULL THEN resting.remedy
        WHEN earlier.set_id IS NOT NULL AND earlier.code IS NULL THEN 'Nothing: it follows that set.'
        WHEN asked.problem IS NULL AND asked.leased_until > clock_timestamp() THEN 'Nothing.'
    END AS remedy
FROM asked
JOIN dualwrite.outbox ON outbox.company = asked.company AND outbox.set_id = asked.set_id
LEFT JOIN LATERAL (
    SELECT
        map.map,
        coalesce(held.state, map.state)::text AS state,
        coalesce(held.cause, map.cause) AS cause,
        coalesce(held.remedy, map.remedy) AS remedy
    FROM dualwrite.map
    LEFT JOIN dualwrite.map_company AS held
        ON
            held.company = asked.company
            AND held.map = map.map
            AND held.state IN ('paused', 'halted')
            AND map.state NOT IN ('paused', 'halted')
    WHERE map.map = any(asked.maps) AND (map.state IN ('paused', 'halted') OR held.map IS NOT NULL)
    ORDER BY map.position
    LIMIT 1
) AS resting ON asked.state = 'waiting'
LEFT JOIN LATERAL (
    SELECT
        first.set_id,
        first.state::text AS state,
        first.code
    FROM dualwrite.pending AS first
    WHERE first.company = asked.company AND first.stream = asked.stream AND first.version < asked.version
    ORDER BY first.version
    LIMIT 1
) AS earlier ON asked.state = 'waiting'
ORDER BY asked.since, asked.company, asked.set_id;

-- name: dismissed
SELECT
    dismissed.company,
    dismissed.set_id,
    outbox.kind,
    outbox.stream,
    outbox.version,
    dismissed.code,
    dismissed.problem,
    dismissed.reason,
    dismissed.dismissed_by,
    dismissed.dismissed_at
FROM dualwrite.dismissed
JOIN dualwrite.outbox ON outbox.company = dismissed.company AND outbox.set_id = dismissed.set_id
WHERE
    (%(company)s::text IS NULL OR dismissed.company = %(company)s::text)
    AND (%(codes)s::text[] IS NULL OR dismissed.code = any(%(codes)s::text[]))
    AND (%(streams)s::text[] IS NULL OR outbox.stream = any(%(streams)s::text[]))
    AND (
        %(maps)s::text[] IS NULL
        OR EXISTS (
            SELECT
            FROM dualwrite.manifest
            WHERE
                manifest.company = dismissed.company
                AND manifest.set_id = dismissed.set_id
                AND manifest.map = any(%(maps)s::text[])
                AND manifest.row_count > 0
        )
    )
ORDER BY dismissed.dismissed_at DESC, dismissed.company ASC, dismissed.set_id ASC
LIMIT %(rows_max)s::integer;

-- name: sent
SELECT
    outbox.company,
    outbox.set_id,
    outbox.kind,
    outbox.stream,
    outbox.version,
    outbox.actor,
    outbox.created_at,
    pending.attempts,
    pending.next_attempt_at,
    pending.leased_until,
    acknowledged.applied_at,
    acknowledged.acknowledged_at,
    acknowledged.chain_number,
    acknowledged.chain_hash,
    dismissed.reason AS dismissed_for,
    dismissed.dismissed_by,
    dismissed.dismissed_at,
    coalesce(pending.code, dismissed.code) AS code,
    coalesce(pending.problem, dismissed.problem) AS problem,
    CASE
        WHEN pending.set_id IS NOT NULL THEN pending.state::text
        WHEN dismissed.set_id IS NOT NULL THEN 'dismissed'
        ELSE 'acknowledged'
    END AS state
FROM dualwrite.outbox
LEFT JOIN dualwrite.pending ON pending.company = outbox.company AND pending.set_id = outbox.set_id
LEFT JOIN dualwrite.acknowledged
    ON acknowledged.company = outbox.company AND acknowledged.set_id = outbox.set_id
LEFT JOIN dualwrite.dismissed
    ON dismissed.company = outbox.company AND dismissed.set_id = outbox.set_id
WHERE
    outbox.set_id = %(set_id)s::bigint
    AND (%(company)s::text IS NULL OR outbox.company = %(company)s::text)
ORDER BY outbox.company;

-- name: received
SELECT
    inbox.applied_at,
    inbox.row_count,
    inbox.content_hash,
    chain.chain_number,
    chain.hash AS chain_hash
FROM dualwrite.inbox
LEFT JOIN dualwrite.chain
    ON chain.company = inbox.company AND chain.source = inbox.source AND chain.set_id = inbox.set_id
WHERE
    inbox.company = %(company)s::text
    AND inbox.source = %(source)s::text
    AND inbox.set_id = %(set_id)s::bigint;

-- name: carried
SELECT
    manifest.map,
    map_version.map_version,
    manifest.map_hash,
    manifest.row_count,
    manifest.excluded_count,
    manifest.content_hash::text AS content_hash,
    manifest.totals::text AS totals
FROM dualwrite.manifest
LEFT JOIN dualwrite.map_version
    ON map_version.map = manifest.map AND map_version.content_hash = manifest.map_hash
LEFT JOIN dualwrite.map ON map.map = manifest.map
WHERE manifest.company = %(company)s::text AND manifest.set_id = %(set_id)s::bigint
ORDER BY map.position, manifest.map;

-- name: missed
SELECT
    map,
    column_name,
    value,
    lookup
FROM dualwrite.waits_for
WHERE company = %(company)s::text AND set_id = %(set_id)s::bigint
ORDER BY map, column_name, value;

-- name: held_by
-- Everything that keeps a set from being taken up: an earlier set of its stream, then the maps
-- that rest, in the order in which they can run again.
WITH asked AS (
    SELECT
        company,
        set_id,
        stream,
        version,
        maps
    FROM dualwrite.pending
    WHERE company = %(company)s::text AND set_id = %(set_id)s::bigint
),

resting AS (
    SELECT
        NULL::text AS company,
        map,
        state::text AS state,
        cause,
        remedy,
        changed_at,
        position
    FROM dualwrite.map
    WHERE state IN ('paused', 'halted')
    UNION ALL
    SELECT
        map_company.company,
        map_company.map,
        map_company.state::text AS state,
        map_company.cause,
        map_company.remedy,
        map_company.changed_at,
        map.position
    FROM dualwrite.map_company
    JOIN dualwrite.map ON map.map = map_company.map
    WHERE map_company.state IN ('paused', 'halted')
),

holds AS (
    SELECT
        -1 AS place,
        earlier.since,
        'set ' || earlier.set_id || ' of the same stream is ' || earlier.state::text AS what,
        coalesce(earlier.code, '') AS code,
        '' AS remedy
    FROM asked
    CROSS JOIN
        LATERAL (
            SELECT
                first.set_id,
                first.state,
                first.since,
                first.code
            FROM dualwrite.pending AS first
            WHERE first.company = asked.company AND first.stream = asked.stream AND first.version < asked.version
            ORDER BY first.version
            LIMIT 1
        ) AS earlier
    UNION ALL
    SELECT
        resting.position AS place,
        resting.changed_at AS since,
        'the map ' || resting.map || ' is ' || resting.state || coalesce(': ' || resting.cause, '') AS what,
        'ERR-D01' AS code,
        coalesce(resting.remedy, '') AS remedy
    FROM asked
    JOIN resting
        ON
            resting.map = any(asked.maps)
            AND (resting.company IS NULL OR resting.company = asked.company)
)

SELECT
    since,
    what,
    code,
    remedy
FROM holds
ORDER BY place, since, what;
