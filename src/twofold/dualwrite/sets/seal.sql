-- name: send
-- Give each set the next version of its stream and write it to the outbox. Streams are locked
-- in the order of their names; the lock lasts to the commit, so versions follow commits.
WITH given AS (
    SELECT
        set_id,
        kind,
        stream,
        key_first,
        key_last,
        actor,
        created_at
    FROM unnest(
        %(set_ids)s::bigint[],
        %(kinds)s::text[],
        %(streams)s::text[],
        %(key_firsts)s::bigint[],
        %(key_lasts)s::bigint[],
        %(actors)s::text[],
        %(created)s::timestamptz[]
    ) AS one (set_id, kind, stream, key_first, key_last, actor, created_at)
),

versioned AS (
    INSERT INTO dualwrite.stream AS known (company, stream, version)
    SELECT
        %(company)s::text,
        given.stream,
        1
    FROM given
    ORDER BY given.stream
    ON CONFLICT (company, stream) DO UPDATE SET version = known.version + 1
    RETURNING stream, version
)

INSERT INTO dualwrite.outbox (
    company, set_id, kind, stream, version, key_first, key_last, actor, created_at
)
SELECT
    %(company)s::text,
    given.set_id,
    given.kind,
    given.stream,
    versioned.version,
    given.key_first,
    given.key_last,
    given.actor,
    given.created_at
FROM given
JOIN versioned ON versioned.stream = given.stream;

-- name: write_manifest
INSERT INTO dualwrite.manifest (
    company, set_id, map, map_hash, row_count, excluded_count, content_hash, totals
)
SELECT
    %(company)s::text,
    given.set_id,
    %(map)s::text,
    %(map_hash)s::text,
    given.row_count,
    given.excluded_count,
    given.content_hash::numeric,
    given.totals::jsonb
FROM unnest(
    %(set_ids)s::bigint[],
    %(row_counts)s::bigint[],
    %(excluded_counts)s::bigint[],
    %(content_hashes)s::text[],
    %(totals)s::text[]
) AS given (set_id, row_count, excluded_count, content_hash, totals);

-- name: map_states
-- As they are at this moment: a map held for the company alone is in that state for it.
SELECT
    map.map,
    map.content_hash,
    coalesce(map_company.state, map.state)::text AS state
FROM dualwrite.map
LEFT JOIN dualwrite.map_company
    ON map_company.company = %(company)s::text AND map_company.map = map.map AND map.state = 'running'
ORDER BY map.position, map.map;

-- name: note_gap
INSERT INTO dualwrite.gap (company, map, set_id, row_count)
SELECT
    %(company)s::text,
    %(map)s::text,
    given.set_id,
    given.row_count
FROM unnest(%(set_ids)s::bigint[], %(row_counts)s::bigint[]) AS given (set_id, row_count)
WHERE given.row_count > 0;

-- name: wait
-- The set is to be delivered; whoever listens is told when this commits.
WITH carried AS (
    SELECT
        set_id,
        array_agg(map ORDER BY map) FILTER (WHERE row_count > 0) AS maps,
        sum(row_count)::bigint AS row_count
    FROM dualwrite.manifest
    WHERE company = %(company)s::text AND set_id = any(%(set_ids)s::bigint[])
    GROUP BY set_id
),

waiting AS (
    INSERT INTO dualwrite.pending (company, set_id, stream, version, maps, row_count)
    SELECT
        outbox.company,
        outbox.set_id,
        outbox.stream,
        outbox.version,
        coalesce(carried.maps, '{}'),
        coalesce(carried.row_count, 0)
    FROM dualwrite.outbox
    LEFT JOIN carried ON carried.set_id = outbox.set_id
    WHERE outbox.company = %(company)s::text AND outbox.set_id = any(%(set_ids)s::bigint[])
    RETURNING set_id
)

SELECT pg_notify('dualwrite', %(company)s::text)
WHERE EXISTS (SELECT FROM waiting);
