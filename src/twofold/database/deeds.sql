-- name: record
INSERT INTO history.deed (company, at, act, number, names, actor, detail)
SELECT
    %(company)s::text,
    %(at)s::timestamptz,
    %(act)s::history.act,
    done.number,
    array_remove(
        ARRAY[done.number, coalesce(done.detail ->> 'of', '')]
        || array(SELECT jsonb_array_elements_text(coalesce(done.detail -> 'keys', '[]'))),
        ''
    ),
    %(actor)s::text,
    done.detail
FROM unnest(%(numbers)s::text[], %(details)s::jsonb[]) AS done (number, detail);

-- name: newest
-- Read backwards along the index, from where the list went on to.
SELECT
    deed_id,
    at,
    act::text AS act,
    number,
    actor,
    detail
FROM history.deed
WHERE
    company = %(company)s::text
    AND (at, deed_id) < (coalesce(%(before_at)s::timestamptz, 'infinity'), %(before_id)s::bigint)
ORDER BY at DESC, deed_id DESC
LIMIT %(rows_max)s::bigint;

-- name: of_actor
SELECT
    deed_id,
    at,
    act::text AS act,
    number,
    actor,
    detail
FROM history.deed
WHERE
    company = %(company)s::text
    AND actor = %(actor)s::text
    AND (at, deed_id) < (coalesce(%(before_at)s::timestamptz, 'infinity'), %(before_id)s::bigint)
ORDER BY at DESC, deed_id DESC
LIMIT %(rows_max)s::bigint;

-- name: of_number
-- What was done to one record is little: it is gathered first, then put in order.
WITH found AS MATERIALIZED (
    SELECT
        deed_id,
        at,
        act,
        number,
        actor,
        detail
    FROM history.deed
    WHERE
        names @> ARRAY[%(number)s::text]
        AND company = %(company)s::text
        AND (%(actor)s::text IS NULL OR actor = %(actor)s::text)
)

SELECT
    deed_id,
    at,
    act::text AS act,
    number,
    actor,
    detail
FROM found
WHERE (at, deed_id) < (coalesce(%(before_at)s::timestamptz, 'infinity'), %(before_id)s::bigint)
ORDER BY at DESC, deed_id DESC
LIMIT %(rows_max)s::bigint;
