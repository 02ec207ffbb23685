-- name: drop_older
DELETE FROM access.link
WHERE person_id = %(person_id)s::bigint;

-- name: make
INSERT INTO access.link (secret_hash, person_id, made_by, made_at, ends_at)
VALUES (
    %(secret_hash)s::bytea, %(person_id)s::bigint, %(actor)s::text, %(at)s::timestamptz, %(ends_at)s::timestamptz
);

-- name: find
SELECT
    person.login,
    person.name
FROM access.link
JOIN access.person ON person.person_id = link.person_id
WHERE
    link.secret_hash = %(secret_hash)s::bytea
    AND link.ends_at > %(at)s::timestamptz
    AND person.is_active;

-- name: use
DELETE FROM access.link
USING access.person
WHERE
    person.person_id = link.person_id
    AND link.secret_hash = %(secret_hash)s::bytea
    AND link.ends_at > %(at)s::timestamptz
    AND person.is_active
RETURNING
    person.login,
    person.name;
