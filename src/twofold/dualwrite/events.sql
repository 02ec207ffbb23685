-- name: record
INSERT INTO dualwrite.event (event, company, set_id, map, code, detail, actor)
SELECT
    %(event)s::text,
    %(company)s::text,
    set_id,
    %(map)s::text,
    %(code)s::text,
    %(detail)s::text,
    %(actor)s::text
FROM unnest(%(set_ids)s::bigint[]) AS given (set_id);

-- name: of_set
SELECT
    happened_at,
    event,
    map,
    code,
    detail,
    actor
FROM dualwrite.event
WHERE company = %(company)s::text AND set_id = %(set_id)s::bigint
ORDER BY event_id;
