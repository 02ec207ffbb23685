-- name: sets_with_excluded
SELECT set_id
FROM dualwrite.manifest
WHERE
    company = %(company)s::text
    AND map = %(map)s::text
    AND map_hash = %(content_hash)s::text
    AND excluded_count > 0
    AND (%(set_id)s::bigint IS NULL OR set_id = %(set_id)s::bigint)
ORDER BY set_id;
