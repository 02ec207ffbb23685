-- name: read_sets
SELECT
    set_id,
    kind,
    stream,
    version,
    key_first,
    key_last,
    actor,
    created_at,
    format,
    -- The version before it that was not given up for good.
    (
        SELECT earlier.version
        FROM dualwrite.outbox AS earlier
        WHERE
            earlier.company = outbox.company
            AND earlier.stream = outbox.stream
            AND earlier.version < outbox.version
            AND NOT EXISTS (
                SELECT
                FROM dualwrite.dismissed
                WHERE dismissed.company = earlier.company AND dismissed.set_id = earlier.set_id
            )
        ORDER BY earlier.version DESC
        LIMIT 1
    ) AS version_before
FROM dualwrite.outbox
WHERE company = %(company)s::text AND set_id = any(%(set_ids)s::bigint[])
ORDER BY set_id;

-- name: read_manifests
SELECT
    set_id,
    map,
    map_hash,
    row_count,
    content_hash::text AS content_hash,
    totals::text AS totals
FROM dualwrite.manifest
WHERE company = %(company)s::text AND set_id = any(%(set_ids)s::bigint[])
ORDER BY set_id, map;
