-- name: find
-- Asked with each request: who it is and what they may do, in one statement.
SELECT
    person.person_id,
    person.login,
    person.name,
    person.language,
    person.must_change_password,
    session.seen_at,
    array_remove(array_agg(granted.company ORDER BY granted.company, granted.role), NULL) AS companies,
    array_remove(array_agg(granted.role::text ORDER BY granted.company, granted.role), NULL) AS roles
FROM access.session
JOIN access.person ON person.person_id = session.person_id
LEFT JOIN access.role_grant AS granted ON granted.person_id = person.person_id
WHERE
    session.token_hash = %(token_hash)s::bytea
    AND session.ends_at > %(at)s::timestamptz
    AND session.seen_at > %(at)s::timestamptz - %(idle)s::interval
    AND person.is_active
GROUP BY person.person_id, session.token_hash;

-- name: seen
UPDATE access.session
SET seen_at = %(at)s::timestamptz
WHERE token_hash = %(token_hash)s::bytea;

-- name: end
DELETE FROM access.session
WHERE token_hash = %(token_hash)s::bytea;

-- name: end_all
DELETE FROM access.session
WHERE person_id = %(person_id)s::bigint;

-- name: list
SELECT
    began_at,
    seen_at,
    address,
    agent,
    substr(encode(token_hash, 'hex'), 1, 16) AS key,
    token_hash = %(token_hash)s::bytea AS is_this
FROM access.session
WHERE
    person_id = %(person_id)s::bigint
    AND ends_at > %(at)s::timestamptz
    AND seen_at > %(at)s::timestamptz - %(idle)s::interval
ORDER BY began_at DESC;

-- name: end_one
DELETE FROM access.session
WHERE person_id = %(person_id)s::bigint AND substr(encode(token_hash, 'hex'), 1, 16) = %(key)s::text;

-- name: end_some
DELETE FROM access.session
WHERE
    person_id = %(person_id)s::bigint
    AND substr(encode(token_hash, 'hex'), 1, 16) = any(%(keys)s::text[]);
