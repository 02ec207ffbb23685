-- name: make
INSERT INTO access.token (token_hash, person_id, name, created_at, ends_at)
VALUES (
    %(token_hash)s::bytea, %(person_id)s::bigint, %(name)s::text, %(at)s::timestamptz, %(ends_at)s::timestamptz
)
ON CONFLICT (person_id, name) DO NOTHING
RETURNING person_id;

-- name: list
SELECT
    name,
    created_at,
    ends_at,
    used_at
FROM access.token
WHERE person_id = %(person_id)s::bigint
ORDER BY created_at DESC, name ASC;

-- name: find
-- Whoever must choose another password first does not read by a token until then.
SELECT
    person.person_id,
    person.login,
    person.name,
    person.language,
    token.used_at
FROM access.token
JOIN access.person ON person.person_id = token.person_id
WHERE
    token.token_hash = %(token_hash)s::bytea
    AND token.ends_at > %(at)s::timestamptz
    AND person.is_active
    AND NOT person.must_change_password;

-- name: use
UPDATE access.token
SET used_at = %(at)s::timestamptz
WHERE token_hash = %(token_hash)s::bytea;

-- name: revoke
DELETE FROM access.token
WHERE person_id = %(person_id)s::bigint AND name = %(name)s::text;
