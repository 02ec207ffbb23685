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

-- name: wait
-- The set is to be delivered; whoever listens is told when this commits.
WITH waiting AS (
    INSERT INTO dualwrite.pending (company, set_id, stream, version)
    SELECT
        company,
        set_id,
        stream,
        version
    FROM dualwrite.outbox
    WHERE company = %(company)s::text AND set_id = any(%(set_ids)s::bigint[])
    RETURNING set_id
)

SELECT pg_notify('dualwrite', %(company)s::text)
WHERE EXISTS (SELECT FROM waiting);
