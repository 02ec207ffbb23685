-- name: activities
-- Events of the book and, where maps are decided about, what became of their versions.
WITH happened AS (
    SELECT
        event.event_id,
        event.happened_at,
        event.event,
        event.map,
        event.company,
        event.set_id,
        event.code,
        event.detail,
        event.actor
    FROM dualwrite.event
    WHERE %(with_maps)s::boolean OR event.map IS NULL OR event.set_id IS NOT NULL
    UNION ALL
    SELECT
        0 AS event_id,
        map_activation.activated_at AS happened_at,
        'map ' || map_activation.activation AS event,
        map_activation.map,
        NULL::text AS company,
        NULL::bigint AS set_id,
        NULL::text AS code,
        map_version.map_version || ' (' || left(map_activation.content_hash, 8) || ')' AS detail,
        map_activation.activated_by AS actor
    FROM dualwrite.map_activation
    JOIN dualwrite.map_version
        ON
            map_version.map = map_activation.map
            AND map_version.content_hash = map_activation.content_hash
    WHERE %(with_maps)s::boolean
)

SELECT
    happened_at,
    %(book)s::text AS book,
    event,
    map,
    company,
    set_id,
    code,
    detail,
    actor
FROM happened
WHERE
    (%(map)s::text IS NULL OR map = %(map)s::text)
    AND (%(company)s::text IS NULL OR company = %(company)s::text)
    AND (%(actor)s::text IS NULL OR actor = %(actor)s::text)
    AND (%(not_by)s::text IS NULL OR actor <> %(not_by)s::text)
    AND (%(within)s::interval IS NULL OR happened_at > clock_timestamp() - %(within)s::interval)
ORDER BY happened_at DESC, event_id DESC, map ASC
LIMIT %(rows_max)s::integer;
