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
        clock_timestamp()
    FROM given
    ORDER BY set_id
    ON CONFLICT DO NOTHING
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

-- name: conflicts
-- Other sets that have the place in the stream.
SELECT
    given.set_id,
    inbox.set_id AS other_set_id,
    inbox.content_hash AS other_hash
FROM unnest(%(set_ids)s::bigint[], %(streams)s::text[], %(versions)s::bigint[]) AS given (set_id, stream, version)
JOIN dualwrite.inbox
    ON
        inbox.company = %(company)s::text
        AND inbox.source = %(source)s::text
        AND inbox.stream = given.stream
        AND inbox.version = given.version;

-- name: gaps
-- Sets whose predecessor in the stream is not in the inbox.
SELECT
    given.set_id,
    given.version_before
FROM
    unnest(%(set_ids)s::bigint[], %(streams)s::text[], %(versions_before)s::bigint[])
        AS given (set_id, stream, version_before)
WHERE NOT EXISTS (
    SELECT
    FROM dualwrite.inbox
    WHERE
        inbox.company = %(company)s::text
        AND inbox.source = %(source)s::text
        AND inbox.stream = given.stream
        AND inbox.version = given.version_before
);

-- name: barred
SELECT
    set_id,
    reason,
    barred_by
FROM dualwrite.barred
WHERE
    company = %(company)s::text
    AND source = %(source)s::text
    AND set_id = any(%(set_ids)s::bigint[])
ORDER BY set_id;

-- name: read_links
SELECT
    inbox.set_id,
    inbox.applied_at,
    coalesce(chain.chain_number, 0) AS chain_number,
    coalesce(chain.hash, '') AS chain_hash
FROM dualwrite.inbox
LEFT JOIN dualwrite.chain
    ON chain.company = inbox.company AND chain.source = inbox.source AND chain.set_id = inbox.set_id
WHERE
    inbox.company = %(company)s::text
    AND inbox.source = %(source)s::text
    AND inbox.set_id = any(%(set_ids)s::bigint[])
ORDER BY inbox.set_id;
